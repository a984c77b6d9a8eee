package io.exoref;

/** What {@link Promise#deliver} answers: whether this call delivered, and the value that stands. */
public record Delivery<T>(boolean delivered, Value<T> standing) {}
