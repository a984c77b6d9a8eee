package io.exoref.conformance;

/** The step can't be played: a mistake of the case or of this agent, not a result. */
final class Fault extends RuntimeException {

    private static final long serialVersionUID = 1;

    Fault(String message) {
        super(message);
    }
}
