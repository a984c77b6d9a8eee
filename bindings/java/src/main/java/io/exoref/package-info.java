/**
 * Clojure's reference types - atom, promise, delay - shared between processes, machines and languages; the values are kept on Redis.
 *
 * <p>Begin at {@link io.exoref.ExorefClient}.
 */
package io.exoref;
