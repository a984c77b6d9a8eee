package io.exoref;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** One change of an atom, as a watcher is told of it. Immutable. */
public final class Change<T> {

    /** What a change was, beside one value after the other. */
    public enum Flag {
        /** The server lost data: what this watch saw last is not in the atom's past any more. */
        REWOUND(1),
        /** Deleted or expired: there is no new value. */
        DELETED(2),
        /** Created anew after it was deleted: there is no old value. */
        RECREATED(4),
        /** Whether the changes missed were one line of history can't be known. */
        UNCERTAIN(8);

        private final int bit;

        Flag(int bit) {
            this.bit = bit;
        }
    }

    private final byte[] watchKey;
    private final byte[] key;
    private final Value<T> oldValue;
    private final Value<T> newValue;
    private final long version;
    private final long missed;
    private final Set<Flag> flags;

    private Change(byte[] watchKey, byte[] key, Value<T> oldValue, Value<T> newValue, long version, long missed, Set<Flag> flags) {
        this.watchKey = watchKey;
        this.key = key;
        this.oldValue = oldValue;
        this.newValue = newValue;
        this.version = version;
        this.missed = missed;
        this.flags = Collections.unmodifiableSet(flags);
    }

    /** The watch that is told, as text. */
    public String watchKey() {
        return Utf8.show(watchKey);
    }

    /** The watch that is told. */
    public byte[] watchKeyBytes() {
        return watchKey.clone();
    }

    /** The atom's key, as text. */
    public String key() {
        return Utf8.show(key);
    }

    /** The atom's key. */
    public byte[] keyBytes() {
        return key.clone();
    }

    /** The value before; null where there is none, or it can't be known any more. */
    public Value<T> oldValue() {
        return oldValue;
    }

    /** The value after; null where there is none. */
    public Value<T> newValue() {
        return newValue;
    }

    /** The version of the new value; of the last one, if it was deleted. */
    public long version() {
        return version;
    }

    /** How many changes before it were not told: normally 0. */
    public long missed() {
        return missed;
    }

    /** What else is to be said of it: normally nothing. */
    public Set<Flag> flags() {
        return flags;
    }

    /** {@code counter: 1@1 -> 2@2}, for logs. */
    @Override
    public String toString() {
        String more = (missed > 0 ? ", " + missed + " missed" : "") + (flags.isEmpty() ? "" : " " + flags);
        return key() + ": " + oldValue + " -> " + newValue + more;
    }

    static <T> Change<T> read(long change, Codec<T> codec) {
        int bits = Low.exoref_change_flags(change);
        EnumSet<Flag> flags = EnumSet.noneOf(Flag.class);
        for (Flag flag : Flag.values()) {
            if ((bits & flag.bit) != 0) flags.add(flag);
        }
        return new Change<>(
                Low.exoref_change_watch_key(change),
                Low.exoref_change_key(change),
                kept(Low.exoref_change_old_value(change), codec),
                kept(Low.exoref_change_new_value(change), codec),
                Low.exoref_change_version(change),
                Low.exoref_change_missed(change),
                flags);
    }

    private static <T> Value<T> kept(long value, Codec<T> codec) {
        return value == 0 ? null : Value.adopt(Low.exoref_value_retain(value), codec);
    }

    /** This one, where the one before it was not told. */
    Change<T> after(Change<T> untold) {
        EnumSet<Flag> both = EnumSet.noneOf(Flag.class);
        both.addAll(flags);
        both.addAll(untold.flags);
        return new Change<>(watchKey, key, oldValue, newValue, version, missed + untold.missed + 1, both);
    }
}
