package io.exoref;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminTest extends ClientTest {

    @Test
    void inspectTellsAllAboutAReference() throws Exception {
        Atom<Integer> atom = counter(1);
        atom.reset(2);
        atom.resetMeta(new byte[] {5});
        Info info = client.inspect(key);
        assertEquals("atom", info.type());
        assertEquals(2, info.version());
        assertEquals(key, info.key());
        assertEquals("json", info.text("codec"));
        assertEquals("", info.text("nothing"));
        assertEquals("2", new String(info.value().get(), StandardCharsets.UTF_8));
        assertArrayEquals(new byte[] {5}, info.meta());
        assertEquals(2, info.changes().get(0).version());
        assertEquals("2", client.inspectAsync(key).get().texts().get("version"));
        assertThrows(NotFoundException.class, () -> client.inspect("nobody"));
    }

    @Test
    void deleteAndExpire() throws Exception {
        counter(1);
        client.expire(key, Duration.ofHours(1));
        assertEquals("3600000", client.inspect(key).text("ttl"));
        client.expireAsync(key, null).get();
        assertEquals("", client.inspect(key).text("ttl"));
        assertThrows(InvalidException.class, () -> client.expire(key, Duration.ZERO));
        assertTrue(client.delete(key));
        assertFalse(client.deleteAsync(key).get());
        assertThrows(NotFoundException.class, () -> client.expire(key, Duration.ofHours(1)));
    }

    @Test
    void realizedCreatesNothing() throws Exception {
        assertFalse(client.realized(key));
        assertFalse(client.realizedAsync(key).get());
        assertThrows(NotFoundException.class, () -> client.inspect(key));
        client.openPromise(key, String.class).deliver("x");
        assertTrue(client.realized(Utf8.key(key), "promise"));
        assertThrows(TypeException.class, () -> client.realized(key, "delay"));
        assertTrue(client.realizedAsync(Utf8.key(key), "promise").get());
    }

    @Test
    void listing() throws Exception {
        try (ExorefClient own = ExorefClient.builder().url(RedisServer.shared().url()).option("prefix", key + ":").open()) {
            for (int i = 0; i < 5; i++) own.createAtom("a" + i, Integer.class, i);
            own.openPromise("p", String.class);
            TreeSet<String> keys = new TreeSet<>();
            try (Scan scan = own.list("a*", "atom")) {
                while (scan.hasNext()) keys.add(scan.next().key());
                assertThrows(NoSuchElementException.class, scan::next);
            }
            assertEquals(new TreeSet<>(java.util.List.of("a0", "a1", "a2", "a3", "a4")), keys);
            try (java.util.stream.Stream<Info> all = own.list().stream()) {
                assertEquals(6, all.count());
            }
            try (Scan promises = own.list(null, "promise")) {
                assertEquals("p", promises.nextAsync().get().key());
                assertNull(promises.nextAsync().get());
            }
        }
    }

    @Test
    void theClientItself() throws Exception {
        assertTrue(client.ping().serverVersion().matches("\\d+\\..*"));
        assertFalse(client.pingAsync().get().roundTrip().isNegative());
        assertTrue(client.server().startsWith("redis+unix:"));
        assertTrue(client.stats().get("commands") > 0);
        assertTrue(Exoref.version().startsWith("1."));
        assertTrue(Exoref.versionNumber() >= 10_000);
        assertEquals(client.stats().keySet(), Exoref.statMeanings().keySet());
        assertTrue(Status.ETIMEOUT.text().contains("time"), Status.ETIMEOUT.text());
        ExorefClient.Builder secretive = ExorefClient.builder().option("timeout", "2s").option("password", "x");
        assertEquals("timeout=2s\npassword=********", secretive.dump().strip());
        assertTrue(Exoref.options().stream().anyMatch(option -> option.name().equals("password") && option.secret()));
        byte[] text = " { \"a\" : 1 }".getBytes(StandardCharsets.UTF_8);
        assertArrayEquals("{\"a\":1}".getBytes(StandardCharsets.UTF_8), Exoref.jsonCanonical(text));
        assertEquals(1, ExorefClient.openAsync(RedisServer.shared().url()).thenApply(opened -> {
            try (opened) {
                return opened.createAtom(key, Integer.class, 1).deref();
            }
        }).get());
    }

    @Test
    void eachOptionCanBeSet() {
        for (Exoref.Option option : Exoref.options()) {
            if (option.defaultText().isEmpty() || option.name().equals("events")) continue;
            if (option.scope().equals("client")) {
                ExorefClient.builder().url(RedisServer.shared().url()).option(option.name(), option.defaultText()).open().close();
            } else {
                client.openPromise(key, RefOptions.string().with(option.name(), option.defaultText())).close();
            }
        }
    }

    @Test
    void thePrivateServerOfAFolder(@TempDir Path folder) {
        Duration time = Duration.ofSeconds(8);
        assertTrue(LocalServer.status(folder, time).isEmpty());
        LocalServer.start(folder, time);
        assertTrue(LocalServer.status(folder, time).isPresent());
        try (ExorefClient local = ExorefClient.open("local:" + folder)) {
            assertEquals(1, local.createAtom(key, Integer.class, 1).deref());
        }
        assertTrue(LocalServer.stop(folder, time));
        assertFalse(LocalServer.stop(folder, time));
    }
}
