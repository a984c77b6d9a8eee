package io.exoref;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A connection to one server, for any number of references and threads. It reconnects by itself.
 *
 * <pre>{@code
 * try (ExorefClient client = ExorefClient.open("redis://localhost")) {
 *     Atom<Integer> counter = client.createAtom("counter", Integer.class, 0);
 *     System.out.println(counter.swap(n -> n + 1));
 * }
 * }</pre>
 *
 * <p>Keys are texts (UTF-8) or any bytes. {@link Reference} says how calls wait and how an interrupt ends them. A client that is not
 * closed is closed when neither it nor any of its references is in use any more.
 */
public final class ExorefClient implements AutoCloseable {

    private final Core core;
    private final Anchor anchor;
    private final long timeoutMs;

    private ExorefClient(Core core, Anchor anchor, long timeoutMs) {
        this.core = core;
        this.anchor = anchor;
        this.timeoutMs = timeoutMs;
    }

    static ExorefClient of(Core core) {
        return new ExorefClient(core, new Anchor(core.holdClient()), Timeouts.DEFAULT);
    }

    Core core() {
        return core;
    }

    // ---- opening and closing

    /**
     * Opens a client, and waits until the server has answered.
     *
     * @param url {@code redis://[[user]:password@]host[:port][/database][?option=value&...]}, {@code redis+unix:///path/to/socket}, or
     *     {@code local:DIR}: a private server in that folder, started if none runs there. null: the environment's EXOREF_URL, then
     *     REDIS_URL, then
     *     {@code redis://127.0.0.1:6379}
     */
    public static ExorefClient open(String url) {
        return builder().url(url).open();
    }

    /** {@link #open} without waiting. */
    public static ExorefFuture<ExorefClient> openAsync(String url) {
        return builder().url(url).openAsync();
    }

    /** For a client with options. */
    public static Builder builder() {
        return new Builder();
    }

    /** How a client is opened. */
    public static final class Builder {

        private final Map<String, String> options = new LinkedHashMap<>();
        private String url;
        private Duration timeout;
        private Executor executor = ForkJoinPool.commonPool();
        private LogSink log = LogSink.slf4j();
        private Level level;

        private Builder() {}

        /** See {@link ExorefClient#open}. */
        public Builder url(String url) {
            this.url = url;
            return this;
        }

        /** An option by name and text (docs/options.md): {@code option("timeout", "2s")}. What the URL says wins. */
        public Builder option(String name, String text) {
            options.put(Objects.requireNonNull(name), Objects.requireNonNull(text));
            return this;
        }

        /** How long opening may take. */
        public Builder connectWithin(Duration timeout) {
            this.timeout = timeout;
            return this;
        }

        /**
         * Where futures complete, and where the functions of asynchronous swaps run; the common pool, if none is said. What it refuses, or
         * would run within the call as {@code Runnable::run} does, is run on the common pool, too.
         */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor);
            return this;
        }

        /** Where the log goes in place of SLF4J: lines of this level and worse. */
        public Builder log(Level most, LogSink sink) {
            this.level = Objects.requireNonNull(most);
            this.log = Objects.requireNonNull(sink);
            return this;
        }

        /** The options that are set here, one {@code name=value} a line, secrets masked. */
        public String dump() {
            return NativeOptions.during(options, made -> {}, made -> {
                long text = Low.exoref_options_dump(made);
                try {
                    return Utf8.show(Low.value_bytes(text));
                } finally {
                    Low.exoref_value_release(text);
                }
            });
        }

        /** Opens it, and waits until the server has answered. */
        public ExorefClient open() {
            return opening().open(timeoutMs());
        }

        /** Opens it without waiting. */
        public ExorefFuture<ExorefClient> openAsync() {
            return Reference.quietly(() -> opening().openAsync(timeoutMs()));
        }

        private Opening opening() {
            return new Opening(url, new LinkedHashMap<>(options), new Log(log, level != null ? level : levelOfSlf4j()), executor);
        }

        private long timeoutMs() {
            return timeout == null ? Timeouts.DEFAULT : Timeouts.ms(timeout);
        }

        private static Level levelOfSlf4j() {
            org.slf4j.Logger logger = LoggerFactory.getLogger("io.exoref");
            if (logger.isDebugEnabled()) return Level.DEBUG;
            if (logger.isInfoEnabled()) return Level.INFO;
            return logger.isWarnEnabled() ? Level.WARN : Level.ERROR;
        }
    }

    /** The same client, whose calls wait so long. */
    public ExorefClient within(Duration timeout) {
        return new ExorefClient(core, anchor, Timeouts.ms(timeout));
    }

    /**
     * Closes the client: every pending call ends at once with {@link ClosedException} (or {@link UnknownOutcomeException} for a write
     * that was sent), and watches are called no more. Waits for functions of yours that this client runs just now (watchers, bodies that
     * others asked for, those of alterMeta and of asynchronous swaps; not what depends on a future), as long as the option {@code timeout}
     * says (the log tells if one still runs then); not when one of them calls it. A second time does nothing.
     */
    @Override
    public void close() {
        if (anchor.handle().closed()) return;
        core.beginClose();
        anchor.close();
        if (!core.awaitQuiet(core.resolve(timeoutMs)) && !Thread.currentThread().isInterrupted()) {
            core.log().warn("watch", "the client was closed, but a function of the application still runs", null);
        }
    }

    // ---- atoms

    /** Opens an atom of JSON values, and creates it with the initial value if it does not exist; {@link Atom#created} tells. */
    public <T> Atom<T> createAtom(String key, Class<T> type, T initial) {
        return createAtom(key, RefOptions.json(type), initial);
    }

    /** Opens an atom, and creates it with the initial value if it does not exist. */
    public <T> Atom<T> createAtom(String key, RefOptions<T> options, T initial) {
        return createAtom(Utf8.key(key), options, initial);
    }

    /** Opens an atom, and creates it with the initial value if it does not exist. */
    public <T> Atom<T> createAtom(byte[] key, RefOptions<T> options, T initial) {
        return run(References.createAtom(core, anchor, key, options, initial));
    }

    /** {@link #createAtom(String, RefOptions, Object)} without waiting. */
    public <T> ExorefFuture<Atom<T>> createAtomAsync(String key, RefOptions<T> options, T initial) {
        return Reference.quietly(() -> createAtomAsync(Utf8.key(key), options, initial));
    }

    /** {@link #createAtom(byte[], RefOptions, Object)} without waiting. */
    public <T> ExorefFuture<Atom<T>> createAtomAsync(byte[] key, RefOptions<T> options, T initial) {
        return start(() -> References.createAtom(core, anchor, key, options, initial));
    }

    /** Opens an atom of JSON values that exists. */
    public <T> Atom<T> openAtom(String key, Class<T> type) {
        return openAtom(key, RefOptions.json(type));
    }

    /** Opens an atom, which must exist unless the option {@code absent} says otherwise. */
    public <T> Atom<T> openAtom(String key, RefOptions<T> options) {
        return openAtom(Utf8.key(key), options);
    }

    /** Opens an atom, which must exist unless the option {@code absent} says otherwise. */
    public <T> Atom<T> openAtom(byte[] key, RefOptions<T> options) {
        return run(References.openAtom(core, anchor, key, options));
    }

    /** {@link #openAtom(String, RefOptions)} without waiting. */
    public <T> ExorefFuture<Atom<T>> openAtomAsync(String key, RefOptions<T> options) {
        return Reference.quietly(() -> openAtomAsync(Utf8.key(key), options));
    }

    /** {@link #openAtom(byte[], RefOptions)} without waiting. */
    public <T> ExorefFuture<Atom<T>> openAtomAsync(byte[] key, RefOptions<T> options) {
        return start(() -> References.openAtom(core, anchor, key, options));
    }

    // ---- promises

    /** Opens a promise of a JSON value, and creates it, undelivered, if it does not exist. */
    public <T> Promise<T> openPromise(String key, Class<T> type) {
        return openPromise(key, RefOptions.json(type));
    }

    /** Opens a promise, and creates it, undelivered, if it does not exist. */
    public <T> Promise<T> openPromise(String key, RefOptions<T> options) {
        return openPromise(Utf8.key(key), options);
    }

    /** Opens a promise, and creates it, undelivered, if it does not exist. */
    public <T> Promise<T> openPromise(byte[] key, RefOptions<T> options) {
        return run(References.openPromise(core, anchor, key, options));
    }

    /** {@link #openPromise(String, RefOptions)} without waiting. */
    public <T> ExorefFuture<Promise<T>> openPromiseAsync(String key, RefOptions<T> options) {
        return Reference.quietly(() -> openPromiseAsync(Utf8.key(key), options));
    }

    /** {@link #openPromise(byte[], RefOptions)} without waiting. */
    public <T> ExorefFuture<Promise<T>> openPromiseAsync(byte[] key, RefOptions<T> options) {
        return start(() -> References.openPromise(core, anchor, key, options));
    }

    // ---- delays

    /** Opens a delay of a JSON value without a body, and creates it, unrealized, if it does not exist. */
    public <T> Delay<T> openDelay(String key, Class<T> type) {
        return openDelay(key, RefOptions.json(type));
    }

    /** Opens a delay of a JSON value with a body. */
    public <T> Delay<T> openDelay(String key, Class<T> type, Body<T> body) {
        return openDelay(key, RefOptions.json(type), body);
    }

    /** Opens a delay without a body, and creates it, unrealized, if it does not exist. */
    public <T> Delay<T> openDelay(String key, RefOptions<T> options) {
        return openDelay(Utf8.key(key), options);
    }

    /** Opens a delay without a body, and creates it, unrealized, if it does not exist. */
    public <T> Delay<T> openDelay(byte[] key, RefOptions<T> options) {
        return run(References.openDelay(core, anchor, key, options));
    }

    /** Opens a delay with a body, which runs when somebody asks for the value, in this process or another; never else. */
    public <T> Delay<T> openDelay(String key, RefOptions<T> options, Body<T> body) {
        return openDelay(Utf8.key(key), options, body);
    }

    /** Opens a delay with a body. */
    public <T> Delay<T> openDelay(byte[] key, RefOptions<T> options, Body<T> body) {
        OfferedBody<T> offered = new OfferedBody<>(core, key.clone(), body, options);
        try {
            return run(References.openDelay(core, anchor, key, options, offered));
        } catch (RuntimeException e) {
            core.bodies().withdraw(offered.token());
            throw e;
        }
    }

    /** {@link #openDelay(String, RefOptions)} without waiting. */
    public <T> ExorefFuture<Delay<T>> openDelayAsync(String key, RefOptions<T> options) {
        return Reference.quietly(() -> openDelayAsync(Utf8.key(key), options));
    }

    /** {@link #openDelay(byte[], RefOptions)} without waiting. */
    public <T> ExorefFuture<Delay<T>> openDelayAsync(byte[] key, RefOptions<T> options) {
        return start(() -> References.openDelay(core, anchor, key, options));
    }

    /** {@link #openDelay(String, RefOptions, Body)} without waiting. */
    public <T> ExorefFuture<Delay<T>> openDelayAsync(String key, RefOptions<T> options, Body<T> body) {
        return Reference.quietly(() -> openDelayAsync(Utf8.key(key), options, body));
    }

    /** {@link #openDelay(byte[], RefOptions, Body)} without waiting. */
    public <T> ExorefFuture<Delay<T>> openDelayAsync(byte[] key, RefOptions<T> options, Body<T> body) {
        return Reference.quietly(() -> {
            OfferedBody<T> offered = new OfferedBody<>(core, key.clone(), body, options);
            ExorefFuture<Delay<T>> opening = start(() -> References.openDelay(core, anchor, key, options, offered));
            opening.whenComplete((delay, error) -> {
                if (error != null) core.bodies().withdraw(offered.token());
            });
            return opening;
        });
    }

    // ---- any reference, by its key

    /** Deletes the reference under the key, of whatever type; whether there was one. */
    public boolean delete(String key) {
        return delete(Utf8.key(key));
    }

    /** Deletes the reference under the key, of whatever type; whether there was one. */
    public boolean delete(byte[] key) {
        return run(deleting(key));
    }

    /** {@link #delete(String)} without waiting. */
    public ExorefFuture<Boolean> deleteAsync(String key) {
        return start(() -> deleting(Utf8.key(key)));
    }

    /** {@link #delete(byte[])} without waiting. */
    public ExorefFuture<Boolean> deleteAsync(byte[] key) {
        return start(() -> deleting(key));
    }

    private Operation<Boolean> deleting(byte[] key) {
        return operation((client, ms) -> Low.exoref_delete_async(client, key, ms), Operation.FLAG);
    }

    /** The reference lives so long from now, and anew from each change; null: it stays. */
    public void expire(String key, Duration life) {
        expire(Utf8.key(key), life);
    }

    /** The reference lives so long from now, and anew from each change; null: it stays. */
    public void expire(byte[] key, Duration life) {
        run(expiring(key, life));
    }

    /** {@link #expire(String, Duration)} without waiting. */
    public ExorefFuture<Void> expireAsync(String key, Duration life) {
        return start(() -> expiring(Utf8.key(key), life));
    }

    /** {@link #expire(byte[], Duration)} without waiting. */
    public ExorefFuture<Void> expireAsync(byte[] key, Duration life) {
        return start(() -> expiring(key, life));
    }

    private Operation<Void> expiring(byte[] key, Duration life) {
        long ttl = life == null ? Timeouts.NONE : Timeouts.ms(life);
        return operation((client, ms) -> Low.exoref_expire_async(client, key, ttl, ms), Operation.NOTHING);
    }

    /** Whether the promise or delay under the key is realized; false where there is none, and nothing is created. */
    public boolean realized(String key) {
        return realized(Utf8.key(key), null);
    }

    /** Whether the {@code promise} or {@code delay} under the key is realized; null: either. */
    public boolean realized(String key, String type) {
        return realized(Utf8.key(key), type);
    }

    /** Whether the {@code promise} or {@code delay} under the key is realized; null: either. */
    public boolean realized(byte[] key, String type) {
        return run(askingRealized(key, type));
    }

    /** {@link #realized(String)} without waiting. */
    public ExorefFuture<Boolean> realizedAsync(String key) {
        return start(() -> askingRealized(Utf8.key(key), null));
    }

    /** {@link #realized(byte[], String)} without waiting. */
    public ExorefFuture<Boolean> realizedAsync(byte[] key, String type) {
        return start(() -> askingRealized(key, type));
    }

    private Operation<Boolean> askingRealized(byte[] key, String type) {
        byte[] word = Utf8.argument(type, "the type");
        return operation((client, ms) -> Low.exoref_realized_async(client, key, word, ms), Operation.FLAG);
    }

    /** All about the reference under the key. */
    public Info inspect(String key) {
        return inspect(Utf8.key(key));
    }

    /** All about the reference under the key. */
    public Info inspect(byte[] key) {
        return run(inspecting(key));
    }

    /** {@link #inspect(String)} without waiting. */
    public ExorefFuture<Info> inspectAsync(String key) {
        return start(() -> inspecting(Utf8.key(key)));
    }

    /** {@link #inspect(byte[])} without waiting. */
    public ExorefFuture<Info> inspectAsync(byte[] key) {
        return start(() -> inspecting(key));
    }

    private Operation<Info> inspecting(byte[] key) {
        return operation((client, ms) -> Low.exoref_inspect_async(client, key, ms), future -> Info.adopt(Low.exoref_future_info(future)));
    }

    /** Lists all references. */
    public Scan list() {
        return list(null, null);
    }

    /**
     * Lists references.
     *
     * @param pattern of Redis ({@code *}, {@code user:?}, {@code [ab]*}); null: all
     * @param type {@code atom}, {@code promise} or {@code delay}; null: any
     */
    public Scan list(String pattern, String type) {
        byte[] glob = pattern == null ? null : Utf8.encode(pattern, Status.EINVAL, "the pattern");
        byte[] word = Utf8.argument(type, "the type");
        return anchor.with(raw -> new Scan(core, Low.exoref_scan_new(raw, glob, word), timeoutMs));
    }

    // ---- the client itself

    /** Asks the server for a sign of life. */
    public Pong ping() {
        return run(pinging());
    }

    /** {@link #ping} without waiting. */
    public ExorefFuture<Pong> pingAsync() {
        return start(this::pinging);
    }

    private Operation<Pong> pinging() {
        return operation(Low::exoref_client_ping_async, future ->
                new Pong(Duration.ofNanos(Low.exoref_future_number(future) * 1000), Utf8.show(Operation.bytes(future))));
    }

    /** The server as messages name it: the URL without secrets. */
    public String server() {
        return Utf8.show(anchor.with(Low::exoref_client_server));
    }

    /** The counters of this client, by name. */
    public Map<String, Long> stats() {
        return anchor.with(raw -> {
            Map<String, Long> stats = new LinkedHashMap<>();
            for (long n = 0; n < Low.exoref_stat_count(); n++) {
                stats.put(Utf8.show(Low.exoref_stat_name(n)), Low.exoref_client_stat(raw, n));
            }
            return stats;
        });
    }

    private <R> Operation<R> operation(Operation.Begin begin, Operation.Read<R> read) {
        return new Operation<>(anchor, begin, read);
    }

    private <R> R run(Operation<R> operation) {
        return core.run(operation, core.resolve(timeoutMs));
    }

    private <R> ExorefFuture<R> start(java.util.function.Supplier<Operation<R>> operation) {
        return Reference.quietly(() -> core.start(operation.get(), core.resolve(timeoutMs)));
    }
}
