package io.exoref;

import java.time.Duration;

/** A sign of life of the server: how long it took, and the server's version ({@code "7.0.15"}; empty where the server hides it). */
public record Pong(Duration roundTrip, String serverVersion) {}
