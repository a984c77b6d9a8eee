package io.exoref;

import java.util.function.BooleanSupplier;

/** Has garbage collected until something is so. */
final class Collector {

    private static final long SECONDS = 8;

    private Collector() {}

    static void until(String what, BooleanSupplier so) {
        long end = System.nanoTime() + SECONDS * 1_000_000_000;
        while (!so.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("not collected in " + SECONDS + " s: " + what);
            System.gc();
        }
    }
}
