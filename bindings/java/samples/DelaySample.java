import io.exoref.BodyException;
import io.exoref.BodyFailure;
import io.exoref.Claimed;
import io.exoref.Delay;
import io.exoref.Exoref;
import io.exoref.ExorefClient;

/** A delay: what one of many processes computes, when somebody first asks. Run it with the URL of a server, or with local:DIR. */
public class DelaySample {

    public static void main(String[] args) {
        try (ExorefClient client = ExorefClient.open(args.length > 0 ? args[0] : "local:exoref-data")) {
            client.delete("sample:report");
            client.delete("sample:broken");

            // What each machine says. The body runs where it is needed first, and nowhere else.
            Delay<String> report = client.openDelay("sample:report", String.class, lease -> {
                // A long body looks now and then whether lease.lost(); its result would be refused then.
                return "built by run " + lease.token();
            });
            System.out.println(report.within(Exoref.FOREVER).deref());

            // The pull form: the lease, if there is something to compute; else the value.
            try (Claimed<String> claimed = report.claim()) {
                System.out.println(claimed.leased() ? "mine to compute" : "nothing to claim: it is " + claimed.standing().get());
            }

            // A failure is a result, too: everybody, everywhere and later, is told the same.
            Delay<String> broken = client.openDelay("sample:broken", String.class, lease -> {
                throw new BodyFailure("io", "no such file");
            });
            try {
                broken.deref();
            } catch (BodyException e) {
                System.out.println("everybody is told: " + e.getMessage() + " (" + e.kind() + ")");
            }
        }
    }
}
