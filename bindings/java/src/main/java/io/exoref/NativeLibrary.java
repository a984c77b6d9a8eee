package io.exoref;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the native library: in the folder that the system property {@code exoref.library.path} names; else on {@code java.library.path};
 * else in the jar, from where it and what it needs are written into a folder of their own under {@code java.io.tmpdir}, which is gone
 * again when they are loaded.
 */
final class NativeLibrary {

    private static final String NAME = "exorefjni";

    private NativeLibrary() {}

    static void load() {
        String folder = System.getProperty("exoref.library.path");
        if (folder != null) {
            System.load(Path.of(folder).toAbsolutePath().resolve(System.mapLibraryName(NAME)).toString());
        } else if (!onLibraryPath()) {
            loadFromJar();
        }
    }

    private static boolean onLibraryPath() {
        for (String folder : System.getProperty("java.library.path", "").split(java.io.File.pathSeparator)) {
            if (!folder.isEmpty() && Files.exists(Path.of(folder, System.mapLibraryName(NAME)))) {
                System.loadLibrary(NAME);
                return true;
            }
        }
        return false;
    }

    private static void loadFromJar() {
        String place = "native/" + platform() + "/";
        List<Path> written = new ArrayList<>();
        try {
            Path folder = Files.createTempDirectory("exoref-");
            try {
                for (String name : names(place)) {
                    Path file = folder.resolve(name);
                    written.add(file);
                    try (InputStream in = open(place + name)) {
                        Files.copy(in, file);
                    }
                }
                System.load(folder.resolve(System.mapLibraryName(NAME)).toAbsolutePath().toString());
            } finally {
                for (Path file : written) Files.deleteIfExists(file);
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the native library of exoref could not be written to java.io.tmpdir; "
                    + "name a folder that has it in the system property exoref.library.path", e);
        }
    }

    private static List<String> names(String place) throws IOException {
        try (InputStream list = open(place + "list")) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static InputStream open(String name) {
        InputStream in = NativeLibrary.class.getResourceAsStream(name);
        if (in != null) return in;
        throw new UnsatisfiedLinkError("this jar of exoref has no library for " + platform()
                + "; build one, and name its folder in the system property exoref.library.path");
    }

    private static String platform() {
        String cpu = System.getProperty("os.arch");
        return System.getProperty("os.name").toLowerCase(java.util.Locale.ROOT) + "-" + (cpu.equals("amd64") ? "x86_64" : cpu);
    }
}
