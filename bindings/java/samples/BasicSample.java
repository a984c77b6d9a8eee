import io.exoref.Atom;
import io.exoref.Compared;
import io.exoref.ExorefClient;
import io.exoref.RetryException;

/** An atom: a counter that any number of processes count on. Run it with the URL of a server, or with local:DIR. */
public class BasicSample {

    public static void main(String[] args) {
        try (ExorefClient client = ExorefClient.open(args.length > 0 ? args[0] : "local:exoref-data")) {
            // Whoever comes first creates it; what exists is not changed.
            Atom<Integer> counter = client.createAtom("sample:counter", Integer.class, 0);
            for (int i = 0; i < 3; i++) count(counter);
            System.out.println("the counter is " + counter.deref());

            // A step that is allowed from one known value only. Not to match is no error.
            Compared<Integer> step = counter.compareAndSet(3, 100);
            System.out.println(step.swapped() ? "it was 3 and is 100" : "it is " + step.standing().get());
        }
    }

    /** What certainly did not happen, and may succeed later, is tried again. */
    private static void count(Atom<Integer> counter) {
        for (int tries = 1; ; tries++) {
            try {
                // Called again for each time that somebody else was faster.
                counter.swap(n -> n + 1);
                return;
            } catch (RetryException e) {
                if (tries == 10) throw e;
            }
        }
    }
}
