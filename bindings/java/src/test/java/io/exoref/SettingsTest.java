package io.exoref;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The times that Java itself counts are those that C would take. */
class SettingsTest {

    @ParameterizedTest
    @CsvSource({"250ms, 250", "2s, 2000", "3m, 180000", "1h, 3600000", "none, -1"})
    void theTimeoutOfAnOptionAndOfAUrl(String text, long ms) {
        String url = RedisServer.shared().url();
        try (ExorefClient byOption = ExorefClient.builder().url(url).option("timeout", text).open();
                ExorefClient byUrl = ExorefClient.builder().url(url + "?name=x&timeout=" + text).option("timeout", "7s").open()) {
            assertEquals(ms, byOption.core().resolve(Timeouts.DEFAULT));
            assertEquals(ms, byUrl.core().resolve(Timeouts.DEFAULT));
        }
    }

    @Test
    void aUrlIsReadAsCReadsIt(@TempDir Path folder) {
        String url = RedisServer.shared().url();
        try (ExorefClient client = ExorefClient.open(url + "?time%6Fut=%32s&bodies=1")) {
            assertEquals(2000, client.core().resolve(Timeouts.DEFAULT));
        }
        try (ExorefClient client = ExorefClient.open("local:" + folder + "?timeout=7s")) {
            assertEquals(7000, client.core().resolve(Timeouts.DEFAULT));
        }
        LocalServer.stop(folder, Duration.ofSeconds(8));
        assertThrows(InvalidException.class, () -> ExorefClient.open("local:" + folder + "?events=lanes"));
        assertThrows(InvalidException.class, () -> ExorefClient.open(url + "?event%73=lanes"));
        assertThrows(InvalidException.class, () -> ExorefClient.open(url + "?timeout=%2"));
        assertThrows(InvalidException.class, () -> ExorefClient.open(url + "?timeout=+2s"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"3000000h", "9223372036854775807ms", "2562047788015h"})
    void aTimeThatIsTooLongToCountHasNoEnd(String text) {
        try (ExorefClient client = ExorefClient.builder().url(RedisServer.shared().url()).option("timeout", text).open()) {
            Atom<Integer> atom = client.createAtom(RedisServer.freshKey(), Integer.class, 1);
            assertEquals(2, atom.swap(n -> n + 1));
            assertEquals(3, client.openDelay(RedisServer.freshKey(), Integer.class, lease -> 3).deref());
        }
    }

    @Test
    void durations() {
        assertEquals(0, Timeouts.ms(Duration.ZERO));
        assertEquals(1, Timeouts.ms(Duration.ofNanos(1)));
        assertEquals(1500, Timeouts.ms(Duration.ofMillis(1500)));
        assertEquals(Timeouts.NONE, Timeouts.ms(Exoref.FOREVER));
        assertEquals(Timeouts.NONE, Timeouts.ms(Duration.ofDays(400 * 365)));
        assertThrows(InvalidException.class, () -> Timeouts.ms(Duration.ofMillis(-1)));
        assertEquals(Timeouts.NONE, new Timeouts.Deadline(Timeouts.NONE).left());
        assertEquals(0, new Timeouts.Deadline(0).left());
    }
}
