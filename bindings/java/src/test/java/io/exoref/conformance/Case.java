package io.exoref.conformance;

import io.exoref.Atom;
import io.exoref.Delay;
import io.exoref.Exoref;
import io.exoref.ExorefClient;
import io.exoref.Lease;
import io.exoref.Promise;
import io.exoref.PullSwap;
import io.exoref.Value;

/** What the steps of a case call by name, until the case ends. */
final class Case {

    private static Case current = new Case();

    final Names<ExorefClient> clients = new Names<>("client");
    final Names<Journal> lines = new Names<>("client");
    final Names<Atom<byte[]>> atoms = new Names<>("atom");
    final Names<Promise<byte[]>> promises = new Names<>("promise");
    final Names<Delay<byte[]>> delays = new Names<>("delay");
    final Names<Lease<byte[]>> leases = new Names<>("lease");
    final Names<AgentBody> bodies = new Names<>("delay");
    final Names<Value<byte[]>> states = new Names<>("state");
    final Names<PullSwap> swaps = new Names<>("swap");
    final Names<Journal> logs = new Names<>("log");
    final Names<Pending<?>> futures = new Names<>("future");

    static Case current() {
        return current;
    }

    ExorefClient clientOf(Step step) {
        String name = step.maybeText("client");
        return clients.find(name == null ? "main" : name);
    }

    /** Gives the value, and keeps it under the name of the field `save`, if that is there. */
    void giveState(Step step, String save, Value<byte[]> value) {
        step.give(value);
        if (save != null && value != null) states.keep(save, value);
    }

    /** Nothing of it goes on or is called after this. */
    static void end() {
        Case ended = current;
        current = new Case();
        ended.bodies.all().forEach(AgentBody::end);
        ended.clients.all().forEach(client -> client.within(Exoref.FOREVER).close());
    }
}
