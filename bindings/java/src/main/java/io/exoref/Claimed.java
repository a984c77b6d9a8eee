package io.exoref;

/** What {@link Delay#claim} answers: the lease, and then it is the caller who computes; or the value. The other one is null. */
public record Claimed<T>(Lease<T> held, Value<T> standing) implements AutoCloseable {

    /** Whether the caller computes. */
    public boolean leased() {
        return held != null;
    }

    /** Lets go of the lease, if there is one: unused, it is given back. */
    @Override
    public void close() {
        if (held != null) held.close();
    }
}
