import io.exoref.Atom;
import io.exoref.Delay;
import io.exoref.ExorefClient;
import io.exoref.Promise;
import java.time.Duration;

/**
 * One of several programs, each in a language of its own, that count together, wait for one promise, and share what one of them computes.
 * Run it with a URL, a name, and how often it counts.
 */
public class DemoSample {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    public static void main(String[] args) {
        String name = args[1];
        int count = Integer.parseInt(args[2]);
        try (ExorefClient client = ExorefClient.open(args[0])) {
            Atom<Integer> languages = client.createAtom("demo:languages", Integer.class, 0);
            for (int i = 0; i < count; i++) languages.swap(n -> n + 1);
            say("counted " + count);

            Promise<Object> go = client.openPromise("demo:go", Object.class);
            say("heard " + go.deref(PATIENCE));

            Delay<String> answer = client.openDelay("demo:answer", String.class, lease -> "computed by " + name);
            say("has " + answer.deref(PATIENCE));
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
