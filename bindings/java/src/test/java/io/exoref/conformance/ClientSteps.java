package io.exoref.conformance;

import com.fasterxml.jackson.databind.node.TextNode;
import io.exoref.ExorefClient;
import io.exoref.Info;
import java.time.Duration;
import java.util.Map;
import org.slf4j.event.Level;

/** Clients, and what they do to any reference by its key. */
final class ClientSteps {

    private ClientSteps() {}

    static void register(Map<String, Agent.Player> players) {
        players.put("client.open", ClientSteps::open);
        players.put("client.close", step -> {
            ExorefClient client = Case.current().clients.take(step);
            step.ready();
            client.close();
        });
        players.put("client.logged", ClientSteps::logged);
        players.put("client.delete", step -> {
            ExorefClient client = client(step);
            byte[] key = step.bytes("key");
            step.ready();
            step.give("deleted", client.delete(key));
        });
        players.put("client.expire", step -> {
            ExorefClient client = client(step);
            byte[] key = step.bytes("key");
            long ms = step.number("ttl", 0);
            step.ready();
            client.expire(key, ms == 0 ? null : Duration.ofMillis(ms));
        });
        players.put("client.realized", step -> {
            ExorefClient client = client(step);
            byte[] key = step.bytes("key");
            String type = step.maybeText("type");
            step.ready();
            step.give("realized", client.realized(key, type));
        });
        players.put("client.inspect", ClientSteps::inspect);
    }

    /** The client of a step, with the step's timeout. */
    static ExorefClient client(Step step) {
        ExorefClient client = Case.current().clientOf(step);
        Duration timeout = step.timeout();
        return timeout == null ? client : client.within(timeout);
    }

    private static void open(Step step) {
        String name = step.text("client");
        ExorefClient.Builder builder = ExorefClient.builder().url(step.text("url"));
        step.texts().forEach(builder::option);
        step.ready();
        Journal lines = Case.current().lines.keep(name, new Journal());
        builder.log(Level.WARN, (level, category, line, thrown) -> lines.add(TextNode.valueOf(line)));
        Case.current().clients.keep(name, builder.open());
    }

    private static void logged(Step step) {
        String name = step.maybeText("client");
        Journal lines = Case.current().lines.find(name == null ? "main" : name);
        String text = step.text("text");
        long ms = step.number("timeout", 0);
        step.ready();
        step.give("logged", lines.has(text, ms));
    }

    private static void inspect(Step step) {
        ExorefClient client = client(step);
        byte[] key = step.bytes("key");
        step.ready();
        Info info = client.inspect(key);
        for (String name : new String[] {"type", "codec", "ttl", "state", "attempt", "failure"}) step.give(name, info.text(name));
        step.give("version", info.version());
        if (info.value() != null) step.give("value", Step.toWire(info.value().bytes()));
        if (info.meta() != null) step.give("meta", Step.toWire(info.meta()));
    }
}
