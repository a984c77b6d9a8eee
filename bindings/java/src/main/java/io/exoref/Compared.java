package io.exoref;

/** What a compare-and-set answers: whether it was set, and what stands now - the new value, or the one that did not match. */
public record Compared<T>(boolean swapped, Value<T> standing) {}
