package io.exoref.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.exoref.Atom;
import io.exoref.Declined;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** The functions that cases name: for swaps and metadata, and for validators. */
final class Function {

    /** What a function of a case throws. */
    static final class Failed extends RuntimeException {

        private static final long serialVersionUID = 1;

        Failed(String message) {
            super(message);
        }
    }

    private static final Set<String> KNOWN =
            Set.of("inc", "append", "set", "keep", "fail", "decline", "accept", "refuse", "refuse_value", "at_most");

    private final String does;
    private final byte[] argument;
    private final String message;
    private final Runnable meanwhile;
    private final AtomicInteger calls = new AtomicInteger();

    private Function(String does, byte[] argument, String message, Runnable meanwhile) {
        this.does = does;
        this.argument = argument;
        this.message = message;
        this.meanwhile = meanwhile;
    }

    /** The function of a step; null if the field is absent. */
    static Function take(Step step, String field, boolean ofMeta) {
        String does = step.maybeText(field);
        if (does == null) return null;
        if (!KNOWN.contains(does)) throw new Fault("no function '" + does + "'");
        byte[] argument = step.maybeBytes("argument");
        String message = step.maybeText("message");
        String other = step.maybeText("meanwhile_atom");
        Runnable meanwhile = null;
        if (other != null) {
            Atom<byte[]> atom = Case.current().atoms.find(other);
            byte[] next = step.bytes("meanwhile_value");
            meanwhile = ofMeta ? () -> atom.resetMeta(next) : () -> atom.reset(next);
        }
        return new Function(does, argument == null ? new byte[0] : argument, message == null ? "" : message, meanwhile);
    }

    int calls() {
        return calls.get();
    }

    byte[] apply(byte[] old) {
        if (calls.incrementAndGet() == 1 && meanwhile != null) meanwhile.run();
        return switch (does) {
            case "inc" -> Long.toString(Long.parseLong(new String(old, ISO_8859_1)) + 1).getBytes(ISO_8859_1);
            case "append" -> {
                byte[] both = Arrays.copyOf(old, old.length + argument.length);
                System.arraycopy(argument, 0, both, old.length, argument.length);
                yield both;
            }
            case "keep" -> old;
            case "set" -> argument;
            case "decline" -> throw new Declined();
            default -> throw new Failed(message);
        };
    }

    boolean accepts(byte[] proposed) {
        return switch (does) {
            case "accept" -> true;
            case "refuse_value" -> !Arrays.equals(proposed, argument);
            case "at_most" -> proposed.length <= Integer.parseInt(new String(argument, ISO_8859_1));
            case "fail" -> throw new Failed(message);
            default -> false;
        };
    }
}
