package io.exoref;

/**
 * Computes a delay's value. It runs when somebody asks, in one process of all that offer one; a long one looks at {@link Lease#lost()}
 * now and then. What it throws is a failed body, an InterruptedException too, which all are told ({@link BodyFailure} says more than a
 * message); but {@link Declined} leaves it to another process. A result that can't be published is a failed body as well, with the kind
 * {@code validation}, {@code codec}, {@code size} or {@code exception}.
 */
@FunctionalInterface
public interface Body<T> {

    /** The value. The lease is good during the call. */
    T run(Lease<T> lease) throws Exception;
}
