package io.exoref;

import java.util.function.UnaryOperator;

/** What C calls to alter metadata, which has no pull form. What the function throws waits here for the call that it belongs to. */
final class MetaFunction {

    private final UnaryOperator<byte[]> function;
    private volatile Throwable thrown;

    MetaFunction(UnaryOperator<byte[]> function) {
        this.function = function;
    }

    byte[] call(byte[] old) throws Exception {
        thrown = null;
        try {
            byte[] made = function.apply(old);
            if (made == null) throw new NullPointerException("the function gave null");
            return made;
        } catch (Declined declined) {
            return null;
        } catch (Throwable e) {
            thrown = e;
            throw e;
        }
    }

    /** What to throw in place of an error of C. */
    Throwable cause(Throwable error) {
        boolean failed = error instanceof ExorefException e && e.status() == Status.EFUNCTION;
        return failed && thrown != null ? thrown : error;
    }
}
