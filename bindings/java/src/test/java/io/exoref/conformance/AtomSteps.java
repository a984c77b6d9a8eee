package io.exoref.conformance;

import io.exoref.Atom;
import io.exoref.Compared;
import io.exoref.ExorefClient;
import io.exoref.PullSwap;
import io.exoref.RefOptions;
import io.exoref.Value;
import io.exoref.Values;
import java.time.Duration;
import java.util.Map;

/** Atoms. */
final class AtomSteps {

    private AtomSteps() {}

    static void register(Map<String, Agent.Player> players) {
        players.put("atom.create", AtomSteps::create);
        players.put("atom.open", AtomSteps::open);
        players.put("atom.deref", AtomSteps::deref);
        players.put("atom.reset", AtomSteps::reset);
        players.put("atom.reset_vals", AtomSteps::resetVals);
        players.put("atom.compare_and_set", AtomSteps::compareAndSet);
        players.put("atom.compare_and_set_at", AtomSteps::compareAndSetAt);
        players.put("state.same", AtomSteps::same);
        players.put("atom.swap", AtomSteps::swap);
        players.put("atom.swap_vals", AtomSteps::swapVals);
        players.put("swap.begin", AtomSteps::swapBegin);
        players.put("swap.offer", AtomSteps::swapOffer);
        players.put("swap.confirm", AtomSteps::swapConfirm);
        players.put("atom.set_validator", AtomSteps::setValidator);
        players.put("atom.meta", step -> {
            Atom<byte[]> atom = atom(step);
            step.ready();
            step.give("value", Step.toWire(atom.meta()));
        });
        players.put("atom.reset_meta", step -> {
            Atom<byte[]> atom = atom(step);
            byte[] next = step.bytes("value");
            step.ready();
            atom.resetMeta(next);
        });
        players.put("atom.alter_meta", AtomSteps::alterMeta);
        players.put("atom.release", step -> {
            String name = step.text("atom");
            Case.current().atoms.find(name);
            step.ready();
            Case.current().atoms.forget(name).close();
        });
    }

    /** The atom of a step, with the step's timeout. */
    static Atom<byte[]> atom(Step step) {
        Atom<byte[]> atom = Case.current().atoms.take(step);
        Duration timeout = step.timeout();
        return timeout == null ? atom : atom.within(timeout);
    }

    private static void create(Step step) {
        String name = step.text("atom");
        ExorefClient client = ClientSteps.client(step);
        byte[] key = step.bytes("key");
        byte[] initial = step.bytes("value");
        RefOptions<byte[]> options = step.options();
        step.ready();
        Atom<byte[]> atom = client.createAtom(key, options, initial);
        step.give("created", atom.created());
        Case.current().atoms.keep(name, atom);
    }

    private static void open(Step step) {
        String name = step.text("atom");
        ExorefClient client = ClientSteps.client(step);
        byte[] key = step.bytes("key");
        RefOptions<byte[]> options = step.options();
        step.ready();
        Case.current().atoms.keep(name, client.openAtom(key, options));
    }

    private static void deref(Step step) {
        Atom<byte[]> atom = atom(step);
        String future = step.maybeText("future");
        String save = step.maybeText("save");
        step.ready();
        if (future != null) Pending.keep(future, atom.derefValueAsync(), Step::give);
        else Case.current().giveState(step, save, atom.derefValue());
    }

    private static void reset(Step step) {
        Atom<byte[]> atom = atom(step);
        byte[] next = step.bytes("value");
        String future = step.maybeText("future");
        String save = step.maybeText("save");
        step.ready();
        if (future != null) Pending.keep(future, atom.resetAsync(next), Step::give);
        else Case.current().giveState(step, save, atom.resetValue(next));
    }

    private static void resetVals(Step step) {
        Atom<byte[]> atom = atom(step);
        byte[] next = step.bytes("value");
        String future = step.maybeText("future");
        String save = step.maybeText("save");
        step.ready();
        if (future != null) Pending.keep(future, atom.resetValsAsync(next), (then, values) -> giveValues(then, null, values));
        else giveValues(step, save, atom.resetVals(next));
    }

    private static void giveValues(Step step, String save, Values<byte[]> values) {
        step.giveOld(values.oldValue());
        Case.current().giveState(step, save, values.newValue());
    }

    private static void compareAndSet(Step step) {
        Atom<byte[]> atom = atom(step);
        byte[] expected = step.bytes("expected");
        byte[] next = step.bytes("value");
        String future = step.maybeText("future");
        String save = step.maybeText("save");
        step.ready();
        if (future == null) giveCompared(step, save, atom.compareAndSet(expected, next));
        else Pending.keep(future, atom.compareAndSetAsync(expected, next), (then, compared) -> giveCompared(then, null, compared));
    }

    private static void compareAndSetAt(Step step) {
        Atom<byte[]> atom = atom(step);
        Value<byte[]> state = Case.current().states.take(step);
        byte[] next = step.bytes("value");
        String save = step.maybeText("save");
        step.ready();
        giveCompared(step, save, atom.compareAndSetAt(state, next));
    }

    private static void giveCompared(Step step, String save, Compared<byte[]> compared) {
        step.give("swapped", compared.swapped());
        Case.current().giveState(step, save, compared.standing());
    }

    private static void same(Step step) {
        Value<byte[]> state = Case.current().states.take(step);
        Value<byte[]> other = Case.current().states.find(step.text("other"));
        step.ready();
        step.give("same", state.sameState(other));
    }

    private static void swap(Step step) {
        Atom<byte[]> atom = atom(step);
        String future = step.maybeText("future");
        String save = step.maybeText("save");
        Function function = Function.take(step, "function", false);
        step.ready();
        if (future != null) {
            Pending.keep(future, atom.swapAsync(function::apply), (then, values) -> {
                giveValues(then, null, values);
                then.give("calls", function.calls());
            });
            return;
        }
        Case.current().giveState(step, save, atom.swapValue(function::apply));
        step.give("calls", function.calls());
    }

    private static void swapVals(Step step) {
        Atom<byte[]> atom = atom(step);
        String save = step.maybeText("save");
        Function function = Function.take(step, "function", false);
        step.ready();
        giveValues(step, save, atom.swapVals(function::apply));
        step.give("calls", function.calls());
    }

    private static void swapBegin(Step step) {
        String name = step.text("swap");
        String save = step.maybeText("save");
        Atom<byte[]> atom = atom(step);
        step.ready();
        PullSwap swap = Case.current().swaps.keep(name, PullSwap.begin(atom));
        Case.current().giveState(step, save, swap.begun());
    }

    private static void swapOffer(Step step) {
        PullSwap swap = Case.current().swaps.take(step);
        byte[] next = step.bytes("value");
        long ms = step.number("timeout", -2);
        String save = step.maybeText("save");
        step.ready();
        giveStep(step, save, swap.offer(next, ms));
    }

    private static void swapConfirm(Step step) {
        PullSwap swap = Case.current().swaps.take(step);
        long ms = step.number("timeout", -2);
        String save = step.maybeText("save");
        step.ready();
        giveStep(step, save, swap.confirm(ms));
    }

    private static void giveStep(Step step, String save, PullSwap.Step answer) {
        step.give("done", answer.done());
        Case.current().giveState(step, save, answer.value());
    }

    private static void setValidator(Step step) {
        Atom<byte[]> atom = atom(step);
        Function validator = Function.take(step, "validator", false);
        step.ready();
        atom.setValidator(validator == null ? null : validator::accepts);
    }

    private static void alterMeta(Step step) {
        Atom<byte[]> atom = atom(step);
        Function function = Function.take(step, "function", true);
        step.ready();
        step.give("value", Step.toWire(atom.alterMeta(function::apply)));
        step.give("calls", function.calls());
    }
}
