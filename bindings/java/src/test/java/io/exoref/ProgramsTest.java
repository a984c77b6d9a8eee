package io.exoref;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.exoref.programs.TrafficProgram;
import io.exoref.programs.VirtualThreadsProgram;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs in a Java of their own: the samples, the README's, and what a test within one can't do. */
class ProgramsTest {

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final Path ROOT = Path.of(System.getProperty("exoref.root"));

    private record Ended(int code, String output) {}

    private static Ended run(Path java, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(java.toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("exoref.classpath")));
        command.addAll(List.of(words));
        Path output = Files.createTempFile("exoref-program", ".txt");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertTrue(process.waitFor(30, TimeUnit.SECONDS), () -> "it hangs: " + command);
            return new Ended(process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }

    private static void wentWell(Ended ended, String says) {
        assertEquals(0, ended.code(), ended.output());
        assertTrue(ended.output().contains(says), ended.output());
    }

    @Test
    void theJvmsChecksOfJniAreSilent() throws Exception {
        Ended ended = run(JAVA, "-Xcheck:jni", TrafficProgram.class.getName(), RedisServer.shared().url());
        wentWell(ended, "done");
        Matcher complaint = Pattern.compile("WARNING in native|WARNING: JNI|FATAL ERROR").matcher(ended.output());
        assertFalse(complaint.find(), ended.output());
    }

    @Test
    void aProgramMayLeaveWithoutClosing() throws Exception {
        wentWell(run(JAVA, TrafficProgram.class.getName(), RedisServer.shared().url(), "leave"), "done");
    }

    @Test
    void virtualThreadsAreNotPinned() throws Exception {
        Path java = withVirtualThreads();
        Assumptions.assumeTrue(java != null, "no JDK 21 or later is there; the variable EXOREF_TEST_JAVA may name its java");
        wentWell(run(java, "-Djdk.virtualThreadScheduler.parallelism=1", "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                "--enable-native-access=ALL-UNNAMED", VirtualThreadsProgram.class.getName(), RedisServer.shared().url()), "done");
    }

    private static Path withVirtualThreads() throws Exception {
        String named = System.getenv("EXOREF_TEST_JAVA");
        if (named != null) return Path.of(named);
        if (Runtime.version().feature() >= 21) return JAVA;
        Path all = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(all)) return null;
        try (var found = Files.list(all)) {
            for (Path home : found.sorted().toList()) {
                Path release = home.resolve("release");
                if (!Files.exists(release) || !Files.exists(home.resolve("bin/java"))) continue;
                Matcher version = Pattern.compile("JAVA_VERSION=\"(\\d+)").matcher(Files.readString(release));
                if (version.find() && Integer.parseInt(version.group(1)) >= 21) return home.resolve("bin/java");
            }
        }
        return null;
    }

    @Test
    void theLibraryOfAFolderThatAPropertyNames() throws Exception {
        Path folder;
        try (var files = Files.walk(ROOT.resolve(System.getProperty("exoref.resources")))) {
            folder = files.filter(file -> file.endsWith("libexorefjni.so")).findFirst().orElseThrow().getParent();
        }
        for (String property : List.of("exoref.library.path", "java.library.path")) {
            wentWell(run(JAVA, "-D" + property + "=" + folder, TrafficProgram.class.getName(), RedisServer.shared().url()), "done");
        }
        Ended none = run(JAVA, "-Dexoref.library.path=/nowhere", TrafficProgram.class.getName(), RedisServer.shared().url());
        assertTrue(none.code() != 0 && none.output().contains("/nowhere/libexorefjni.so"), none.output());
    }

    @ParameterizedTest
    @CsvSource({"BasicSample, 'the counter is 3'", "WatchSample, '2 -> 16'", "PromiseSample, 'the result is report 17'",
        "DelaySample, 'built by run 1'"})
    void samples(String name, String says) throws Exception {
        try (RedisServer server = new RedisServer()) {
            wentWell(run(JAVA, ROOT.resolve("bindings/java/samples/" + name + ".java").toString(), server.url()), says);
        }
    }

    @Test
    void theDemoOfAllLanguages() throws Exception {
        try (RedisServer server = new RedisServer(); ExorefClient client = server.open()) {
            client.openPromise("demo:go", String.class).deliver("the go");
            Ended ended = run(JAVA, ROOT.resolve("bindings/java/samples/DemoSample.java").toString(), server.url(), "Java", "7");
            wentWell(ended, "counted 7\nheard the go\nhas computed by Java\n");
            assertEquals(7, client.openAtom("demo:languages", Integer.class).deref());
        }
    }

    @Test
    void theFirstExampleOfTheReadme(@TempDir Path folder) throws Exception {
        String readme = Files.readString(ROOT.resolve("bindings/java/README.md"), StandardCharsets.UTF_8);
        Matcher code = Pattern.compile("```java\n(import .*?)```", Pattern.DOTALL).matcher(readme);
        assertTrue(code.find(), "the README has no program");
        Path program = folder.resolve("Counter.java");
        try (RedisServer server = new RedisServer()) {
            Files.writeString(program, code.group(1).replace("local:exoref-data", server.url()));
            wentWell(run(JAVA, program.toString()), "1\n");
        }
    }
}
