package io.exoref;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A redis-server of the tests' own, on a socket in a folder of its own. */
final class RedisServer implements AutoCloseable {

    private static RedisServer shared;
    private static final AtomicInteger KEYS = new AtomicInteger();

    private final Path folder;
    private final Process process;

    RedisServer() {
        try {
            folder = Files.createTempDirectory("exoref-test-");
            process = new ProcessBuilder("redis-server", "--port", "0", "--unixsocket", folder.resolve("s").toString(), "--save", "",
                    "--dir", folder.toString()).redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        } catch (IOException e) {
            throw new IllegalStateException("no redis-server could be started", e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    }

    /** The one that all tests may use; each has keys of its own. */
    static synchronized RedisServer shared() {
        if (shared == null) shared = new RedisServer();
        return shared;
    }

    static String freshKey() {
        return "key-" + KEYS.incrementAndGet();
    }

    String url() {
        return "redis+unix://" + folder.resolve("s");
    }

    ExorefClient open() {
        return ExorefClient.builder().url(url()).option("timeout", "8s").open();
    }

    /** Stops it in the middle of whatever it does, until resume(). */
    void suspend() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (!Files.exists(folder)) return;
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
