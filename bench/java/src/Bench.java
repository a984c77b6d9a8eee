import io.exoref.Atom;
import io.exoref.ExorefClient;
import io.exoref.Promise;
import io.exoref.RefOptions;
import java.nio.charset.StandardCharsets;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Transaction;

/** The binding, beside C (whose figures are the arguments) and beside Jedis doing the same by WATCH/MULTI/EXEC and by a script. */
public class Bench {

    private static final int ROUNDS = 9;
    private static final int DEREFS = 200_000;
    private static final int SWAPS = 4_000;
    private static final byte[] VALUE = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);

    /** Nanoseconds of one, the best of all rounds. */
    private static double best(int times, Runnable one) {
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long begun = System.nanoTime();
            for (int i = 0; i < times; i++) one.run();
            best = Math.min(best, (System.nanoTime() - begun) / (double) times);
        }
        return best;
    }

    public static void main(String[] args) {
        String port = args[0];
        double derefOfC = Double.parseDouble(args[1]);
        double swapOfC = Double.parseDouble(args[2]);
        try (ExorefClient client = ExorefClient.open("redis://127.0.0.1:" + port);
                Jedis jedis = new Jedis("127.0.0.1", Integer.parseInt(port))) {
            Promise<byte[]> promise = client.openPromise("bench-java-p", RefOptions.bytes());
            promise.deliver(VALUE);
            Atom<byte[]> atom = client.createAtom("bench-java-a", RefOptions.bytes(), VALUE);
            double deref = best(DEREFS, promise::deref);
            System.out.printf("deref of a realized promise  %4.0f ns   C %4.0f ns   added %.0f ns%n", deref, derefOfC, deref - derefOfC);
            double swap = best(SWAPS, () -> atom.swap(old -> old));
            System.out.printf("swap                         %4.1f us   ", swap / 1e3);
            System.out.printf("C %4.1f us   ratio %.2f%n", swapOfC / 1e3, swap / swapOfC);
            jedis.set("bench-jedis".getBytes(), VALUE);
            double watch = best(SWAPS / 4, () -> {
                jedis.watch("bench-jedis");
                byte[] old = jedis.get("bench-jedis".getBytes());
                Transaction change = jedis.multi();
                change.set("bench-jedis".getBytes(), old);
                change.exec();
            });
            System.out.printf("Jedis, WATCH/MULTI/EXEC      %4.1f us   ratio to swap %.2f%n", watch / 1e3, watch / swap);
            String script = "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('set', KEYS[1], ARGV[2]) return 1 end return 0";
            String sha = jedis.scriptLoad(script);
            double lua = best(SWAPS / 4, () -> {
                String old = jedis.get("bench-jedis");
                jedis.evalsha(sha, 1, "bench-jedis", old, old);
            });
            System.out.printf("Jedis, GET and a script      %4.1f us   ratio to swap %.2f%n", lua / 1e3, lua / swap);
        }
    }
}
