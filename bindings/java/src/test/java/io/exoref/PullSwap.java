package io.exoref;

/** C's pull form of swap by hand, which the idiomatic layer has within {@link Atom#swap} alone. */
public final class PullSwap {

    /** What an offer or a confirmation answers. */
    public record Step(boolean done, Value<byte[]> value) {}

    private final Shared<byte[]> atom;
    private final Handle handle;
    private final Value<byte[]> begun;

    private PullSwap(Shared<byte[]> atom, Handle handle, Value<byte[]> begun) {
        this.atom = atom;
        this.handle = handle;
        this.begun = begun;
    }

    public static PullSwap begin(Atom<byte[]> atom) {
        return atom.run(new Operation<>(atom.shared(), Low::exoref_atom_swap_begin_async, future -> new PullSwap(
                atom.shared(),
                new Handle(Low.exoref_future_swap(future), "swap", Low::exoref_swap_release),
                atom.shared().value().read(future))));
    }

    public Value<byte[]> begun() {
        return begun;
    }

    public Step offer(byte[] next, long timeoutMs) {
        byte[] proposed;
        try {
            proposed = atom.propose(next);
        } catch (ValidationException refused) {
            handle.close();
            throw refused;
        }
        return step((swap, ms) -> Low.exoref_swap_offer_async(swap, proposed, ms), timeoutMs);
    }

    public Step confirm(long timeoutMs) {
        return step(Low::exoref_swap_confirm_async, timeoutMs);
    }

    private Step step(Operation.Begin begin, long timeoutMs) {
        Operation.Read<Step> read = future -> new Step(Low.exoref_future_flag(future), atom.value().read(future));
        return atom.core().run(new Operation<>(handle, this, begin, read), atom.core().resolve(timeoutMs));
    }
}
