package io.exoref.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.function.BooleanSupplier;

/** What watches were told, or the lines of a client's log, in the order in which they came. */
final class Journal {

    private final ArrayNode events = JsonNodeFactory.instance.arrayNode();

    synchronized void add(JsonNode event) {
        events.add(event);
        notifyAll();
    }

    /** All events, once there are so many, or when the time is over. */
    synchronized ArrayNode read(long count, long ms) {
        waitFor(() -> events.size() >= count, ms);
        return events.deepCopy();
    }

    /** Whether a line has the text, at the latest when the time is over. */
    synchronized boolean has(String text, long ms) {
        return waitFor(() -> {
            for (JsonNode line : events) {
                if (line.textValue().contains(text)) return true;
            }
            return false;
        }, ms);
    }

    private boolean waitFor(BooleanSupplier there, long ms) {
        return waitFor(this, there, ms);
    }

    /** With the monitor of `on` held: until it is so, or the time is over. */
    static boolean waitFor(Object on, BooleanSupplier there, long ms) {
        long end = System.nanoTime() + ms * 1_000_000;
        try {
            while (!there.getAsBoolean()) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) return false;
                on.wait(left);
            }
            return true;
        } catch (InterruptedException e) {
            throw new Fault("interrupted");
        }
    }
}
