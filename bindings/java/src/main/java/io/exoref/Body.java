package io.exoref;

/**
 * Computes a delay's value. It runs when somebody asks, in one process of all that offer one; a long one looks at {@link Lease#lost()}
 * now and then. What it throws is a failed body, which all are told ({@link BodyFailure} says more than a message); {@link Declined}
 * leaves it to another process; an InterruptedException gives the lease back.
 */
@FunctionalInterface
public interface Body<T> {

    /** The value. The lease is good during the call. */
    T run(Lease<T> lease) throws Exception;
}
