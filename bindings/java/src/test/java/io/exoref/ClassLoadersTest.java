package io.exoref;

import static org.junit.jupiter.api.Assertions.assertNotSame;

import io.exoref.programs.TrafficProgram;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Plugins and containers load the classes again, and let go of them. */
@Timeout(20)
class ClassLoadersTest {

    private static URLClassLoader loader() throws Exception {
        List<URL> places = new ArrayList<>();
        for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) places.add(new File(place).toURI().toURL());
        return new URLClassLoader(places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** On a thread of its own, since libraries keep things with the threads that they ran on. */
    private static void use(ClassLoader loader) throws Exception {
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                Class<?> program = loader.loadClass(TrafficProgram.class.getName());
                assertNotSame(TrafficProgram.class, program);
                program.getMethod("run", String.class, boolean.class).invoke(null, RedisServer.shared().url(), false);
            } catch (Throwable e) {
                wrong.set(e);
            }
        });
        thread.setContextClassLoader(loader);
        thread.start();
        thread.join();
        if (wrong.get() != null) throw new AssertionError(wrong.get());
    }

    private static WeakReference<ClassLoader> usedAndDropped() throws Exception {
        URLClassLoader loader = loader();
        use(loader);
        loader.close();
        return new WeakReference<>(loader);
    }

    @Test
    void twoAtOnce() throws Exception {
        try (URLClassLoader first = loader(); URLClassLoader second = loader()) {
            use(first);
            use(second);
            use(first);
        }
    }

    @Test
    void oneAfterTheOtherAndEachIsCollected() throws Exception {
        for (int round = 0; round < 2; round++) {
            WeakReference<ClassLoader> dropped = usedAndDropped();
            Collector.until("the class loader", () -> dropped.get() == null);
        }
    }
}
