package io.exoref;

/** What one change made of what. */
public record Values<T>(Value<T> oldValue, Value<T> newValue) {}
