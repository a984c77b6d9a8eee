package io.exoref.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.exoref.BodyException;
import io.exoref.Exoref;
import io.exoref.ExorefException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The agent of the conformance suite: plays one step a line upon the binding (docs/conformance.md). */
public final class Agent {

    interface Player {
        void play(Step step) throws Throwable;
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Player> players = new HashMap<>();

    private Agent() {
        players.put("hello", step -> {
            step.ready();
            step.give("language", "java");
        });
        players.put("case.end", step -> {
            step.ready();
            Case.end();
        });
        players.put("future.get", step -> {
            Pending<?> pending = Case.current().futures.take(step);
            Duration timeout = step.timeout();
            step.ready();
            pending.get(step, timeout == null ? Exoref.FOREVER : timeout);
        });
        players.put("future.done", step -> {
            Pending<?> pending = Case.current().futures.take(step);
            step.ready();
            step.give("done", pending.future().isDone());
        });
        players.put("future.cancel", step -> {
            Pending<?> pending = Case.current().futures.take(step);
            step.ready();
            pending.future().giveUp();
        });
        ClientSteps.register(players);
        AtomSteps.register(players);
        WatchSteps.register(players);
        OnceSteps.register(players);
    }

    private ObjectNode answer(String line) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        try {
            Step step = new Step(JSON.readTree(line));
            String op = step.text("op");
            Player player = players.get(op);
            if (player == null) throw new Fault("unknown step '" + op + "'");
            player.play(step);
            answer.set("ok", step.results());
        } catch (ExorefException e) {
            ObjectNode error = error(answer, e.status().symbol(), e.getMessage());
            if (e instanceof BodyException failed) {
                error.put("kind", failed.kind());
                error.put("payload", Step.toWire(failed.payload()));
            }
        } catch (Function.Failed e) {
            // What a function throws comes out as it is; the suite calls that EXOREF_EFUNCTION.
            error(answer, "EXOREF_EFUNCTION", e.getMessage());
        } catch (Pending.NotYet e) {
            error(answer, "EXOREF_ETIMEOUT", "it is not done");
        } catch (Throwable e) {
            answer.put("fault", e.toString());
        }
        return answer;
    }

    private static ObjectNode error(ObjectNode answer, String status, String message) {
        return answer.putObject("error").put("status", status).put("message", message);
    }

    public static void main(String[] args) throws Exception {
        Agent agent = new Agent();
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(JSON.writeValueAsString(agent.answer(line)));
            out.flush();
        }
        Case.end();
    }
}
