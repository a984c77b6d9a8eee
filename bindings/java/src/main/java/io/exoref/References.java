package io.exoref;

/** Opening references. The keys are copied: they are kept. */
final class References {

    private References() {}

    static <T> Operation<Atom<T>> createAtom(Core core, Anchor client, byte[] key, RefOptions<T> options, T initial) {
        client.check();
        byte[] own = key.clone();
        Validators.check(options.validator(), initial, key);
        byte[] bytes = Shared.encode(options.codec(), initial);
        return new Operation<>(
                client,
                (raw, ms) -> options.during(texts -> Low.exoref_atom_create_async(raw, key, bytes, texts, ms)),
                future -> atom(core, own, options, future));
    }

    static <T> Operation<Atom<T>> openAtom(Core core, Anchor client, byte[] key, RefOptions<T> options) {
        byte[] own = key.clone();
        return new Operation<>(
                client,
                (raw, ms) -> options.during(texts -> Low.exoref_atom_open_async(raw, key, texts, ms)),
                future -> atom(core, own, options, future));
    }

    private static <T> Atom<T> atom(Core core, byte[] key, RefOptions<T> options, long future) {
        java.nio.ByteBuffer name = java.nio.ByteBuffer.wrap(key);
        core.watches().opened(name);
        Handle handle = core.hold(Low.exoref_future_atom(future), "atom", raw -> {
            Low.exoref_atom_release(raw);
            core.watches().released(name);
        });
        return new Atom<>(new Shared<>(core, handle, key, options, Low.exoref_future_flag(future)), Timeouts.DEFAULT);
    }

    static <T> Operation<Promise<T>> openPromise(Core core, Anchor client, byte[] key, RefOptions<T> options) {
        byte[] own = key.clone();
        return new Operation<>(
                client,
                (raw, ms) -> options.during(texts -> Low.exoref_promise_open_async(raw, key, texts, ms)),
                future -> {
                    Handle handle = core.hold(Low.exoref_future_promise(future), "promise", Low::exoref_promise_release);
                    return new Promise<>(
                            new Shared<>(core, handle, own, options, Low.exoref_future_flag(future)), Timeouts.DEFAULT);
                });
    }

    static <T> Operation<Delay<T>> openDelay(Core core, Anchor client, byte[] key, RefOptions<T> options) {
        byte[] own = key.clone();
        return new Operation<>(
                client,
                (raw, ms) -> options.during(texts -> Low.exoref_delay_open_async(raw, key, texts, ms)),
                future -> delay(core, own, options, null, Low::exoref_delay_release, future));
    }

    /** Somebody may ask for the body before the call that opens the delay is back. */
    static <T> Operation<Delay<T>> openDelay(Core core, Anchor client, byte[] key, RefOptions<T> options, OfferedBody<T> body) {
        byte[] own = key.clone();
        core.bodies().offer(body);
        long token = body.token();
        return new Operation<>(
                client,
                (raw, ms) -> options.during(texts -> Low.exoref_delay_open_with_body_async(raw, key, null, token, texts, ms)),
                future -> {
                    Delay<T> delay = delay(core, own, options, body, raw -> {
                        Low.exoref_delay_release(raw);
                        core.bodies().withdraw(token);
                    }, future);
                    core.bodies().keep(body, delay.shared());
                    return delay;
                }).undoing(() -> core.bodies().withdraw(token));
    }

    private static <T> Delay<T> delay(Core core, byte[] key, RefOptions<T> options, OfferedBody<T> body,
            java.util.function.LongConsumer release, long future) {
        Handle handle = core.hold(Low.exoref_future_delay(future), "delay", release);
        return new Delay<>(new Shared<>(core, handle, key, options, Low.exoref_future_flag(future)), body, Timeouts.DEFAULT);
    }
}
