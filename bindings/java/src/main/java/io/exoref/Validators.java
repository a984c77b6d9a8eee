package io.exoref;

import java.util.function.Predicate;

/** What a validator says of a value. */
final class Validators {

    private Validators() {}

    /** Throws if it is refused. */
    static <T> void check(Predicate<? super T> validator, T value, byte[] key) {
        if (validator == null) return;
        boolean accepted;
        try {
            accepted = validator.test(value);
        } catch (RuntimeException e) {
            throw refusal(": " + Failures.messageOf(e), key, e);
        }
        if (!accepted) throw refusal("", key, null);
    }

    private static ExorefException refusal(String words, byte[] key, Throwable cause) {
        return Failures.here(
                Status.EVALIDATION, "the validator of " + Utf8.quoted(key) + " refused the value" + words, key, cause);
    }
}
