package io.exoref.conformance;

import io.exoref.Body;
import io.exoref.BodyFailure;
import io.exoref.Declined;
import io.exoref.ExorefFuture;
import io.exoref.Lease;
import java.util.Set;

/** The bodies that cases name: what they do, how often they were called, and when one that waits may end. */
final class AgentBody implements Body<byte[]> {

    private static final Set<String> KNOWN = Set.of("give", "fail", "decline", "wait", "fail_first");

    private final String does;
    private final byte[] value;
    private final BodyFailure failure;
    private final long times;

    private long calls;
    private boolean end;
    private ExorefFuture<Boolean> lost;

    private AgentBody(String does, byte[] value, BodyFailure failure, long times) {
        this.does = does;
        this.value = value;
        this.failure = failure;
        this.times = times;
    }

    /** The body of a step that opens a delay; null if it has none. */
    static AgentBody take(Step step) {
        String does = step.maybeText("body");
        if (does == null) return null;
        if (!KNOWN.contains(does)) throw new Fault("no body '" + does + "'");
        byte[] value = orElse(step.maybeBytes("value"), new byte[0]);
        String kind = orElse(step.maybeText("kind"), "");
        String message = orElse(step.maybeText("message"), "");
        byte[] payload = orElse(step.maybeBytes("payload"), new byte[0]);
        return new AgentBody(does, value, new BodyFailure(kind, message, payload), step.number("times", 0));
    }

    private static <T> T orElse(T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    @Override
    public byte[] run(Lease<byte[]> lease) throws BodyFailure {
        long call = begin(lease);
        if (does.equals("decline")) throw new Declined();
        if (does.equals("fail") || does.equals("fail_first") && call <= times) throw failure;
        return value;
    }

    private synchronized long begin(Lease<byte[]> lease) {
        long call = ++calls;
        lost = lease.lostAsync();
        notifyAll();
        if (does.equals("wait")) Journal.waitFor(this, () -> end, Long.MAX_VALUE / 2_000_000);
        return call;
    }

    synchronized long calls(long atLeast, long ms) {
        Journal.waitFor(this, () -> calls >= atLeast, ms);
        return calls;
    }

    synchronized void end() {
        end = true;
        notifyAll();
    }

    synchronized ExorefFuture<Boolean> lost() {
        return lost;
    }
}
