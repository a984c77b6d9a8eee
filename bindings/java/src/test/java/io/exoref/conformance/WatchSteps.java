package io.exoref.conformance;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.exoref.Atom;
import io.exoref.Change;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Watches: each writes the changes that it is told of into a log, which a step reads. */
final class WatchSteps {

    private static final Set<String> DOES = Set.of("record", "fail", "remove");

    private WatchSteps() {}

    static void register(Map<String, Agent.Player> players) {
        players.put("atom.add_watch", WatchSteps::add);
        players.put("atom.remove_watch", step -> {
            Atom<byte[]> atom = Case.current().atoms.take(step);
            byte[] key = step.bytes("watch");
            step.ready();
            atom.removeWatch(key);
        });
        players.put("log.read", step -> {
            Journal log = Case.current().logs.take(step);
            long count = step.number("count", 0);
            long ms = step.number("timeout", 0);
            step.ready();
            step.give("events", log.read(count, ms));
        });
    }

    private static void add(Step step) {
        Atom<byte[]> atom = AtomSteps.atom(step);
        byte[] key = step.bytes("watch");
        String logName = step.text("log");
        String given = step.maybeText("does");
        String does = given == null ? "record" : given;
        String save = step.maybeText("save");
        if (!DOES.contains(does)) throw new Fault("no watch does '" + does + "'");
        step.ready();
        Names<Journal> logs = Case.current().logs;
        Journal log = logs.has(logName) ? logs.find(logName) : logs.keep(logName, new Journal());
        Case.current().giveState(step, save, atom.addWatch(key, null, change -> {
            log.add(eventOf(change));
            if (does.equals("remove")) atom.removeWatch(change.watchKeyBytes());
            if (does.equals("fail")) throw new IllegalStateException("this watch fails");
        }));
    }

    private static ObjectNode eventOf(Change<byte[]> change) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("watch", Step.toWire(change.watchKeyBytes()));
        event.put("version", change.version());
        event.put("missed", change.missed());
        if (change.oldValue() != null) event.put("old", Step.toWire(change.oldValue().bytes()));
        if (change.newValue() != null) event.put("new", Step.toWire(change.newValue().bytes()));
        ArrayNode flags = event.putArray("flags");
        for (Change.Flag flag : change.flags()) flags.add(flag.name().toLowerCase(Locale.ROOT));
        return event;
    }
}
