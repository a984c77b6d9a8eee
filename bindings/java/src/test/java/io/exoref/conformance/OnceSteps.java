package io.exoref.conformance;

import io.exoref.Claimed;
import io.exoref.Delay;
import io.exoref.Delivery;
import io.exoref.ExorefClient;
import io.exoref.Lease;
import io.exoref.Promise;
import io.exoref.RefOptions;
import java.time.Duration;
import java.util.Map;

/** Promises, delays, and leases that a case holds itself. */
final class OnceSteps {

    private OnceSteps() {}

    static void register(Map<String, Agent.Player> players) {
        registerPromises(players);
        registerDelays(players);
        registerLeases(players);
    }

    private static void registerPromises(Map<String, Agent.Player> players) {
        players.put("promise.open", step -> {
            String name = step.text("promise");
            ExorefClient client = ClientSteps.client(step);
            byte[] key = step.bytes("key");
            RefOptions<byte[]> options = step.options();
            step.ready();
            Promise<byte[]> promise = Case.current().promises.keep(name, client.openPromise(key, options));
            step.give("created", promise.created());
        });
        players.put("promise.deliver", step -> {
            Promise<byte[]> promise = promise(step);
            byte[] value = step.bytes("value");
            String future = step.maybeText("future");
            step.ready();
            if (future != null) Pending.keep(future, promise.deliverAsync(value), OnceSteps::give);
            else give(step, promise.deliver(value));
        });
        players.put("promise.deref", step -> {
            Promise<byte[]> promise = promise(step);
            String future = step.maybeText("future");
            step.ready();
            if (future != null) Pending.keep(future, promise.derefValueAsync(), Step::give);
            else step.give(promise.derefValue());
        });
        players.put("promise.realized", step -> {
            Promise<byte[]> promise = promise(step);
            step.ready();
            step.give("realized", promise.realized());
        });
        players.put("promise.release", step -> {
            String name = step.text("promise");
            Case.current().promises.find(name);
            step.ready();
            Case.current().promises.forget(name).close();
        });
    }

    private static Promise<byte[]> promise(Step step) {
        Promise<byte[]> promise = Case.current().promises.take(step);
        Duration timeout = step.timeout();
        return timeout == null ? promise : promise.within(timeout);
    }

    private static void give(Step step, Delivery<byte[]> delivery) {
        step.give("delivered", delivery.delivered());
        step.give(delivery.standing());
    }

    private static void registerDelays(Map<String, Agent.Player> players) {
        players.put("delay.open", OnceSteps::openDelay);
        players.put("delay.deref", step -> {
            Delay<byte[]> delay = delay(step);
            String future = step.maybeText("future");
            step.ready();
            if (future != null) Pending.keep(future, delay.derefValueAsync(), Step::give);
            else step.give(delay.derefValue());
        });
        players.put("delay.realized", step -> {
            Delay<byte[]> delay = delay(step);
            step.ready();
            step.give("realized", delay.realized());
        });
        players.put("delay.claim", OnceSteps::claim);
        players.put("delay.release", step -> {
            String name = step.text("delay");
            Case.current().delays.find(name);
            step.ready();
            Case.current().delays.forget(name).close();
        });
        players.put("body.calls", step -> {
            AgentBody body = Case.current().bodies.take(step);
            step.ready();
            step.give("calls", body.calls(0, 0));
        });
        players.put("body.began", step -> {
            AgentBody body = Case.current().bodies.take(step);
            long calls = step.number("calls", 1);
            long ms = step.number("timeout", 0);
            step.ready();
            step.give("calls", body.calls(calls, ms));
        });
        players.put("body.end", step -> {
            AgentBody body = Case.current().bodies.take(step);
            step.ready();
            body.end();
        });
        players.put("body.lost", step -> {
            AgentBody body = Case.current().bodies.take(step);
            long ms = step.number("timeout", 0);
            step.ready();
            step.give("lost", Pending.await(body.lost(), Duration.ofMillis(ms)));
        });
    }

    private static Delay<byte[]> delay(Step step) {
        Delay<byte[]> delay = Case.current().delays.take(step);
        Duration timeout = step.timeout();
        return timeout == null ? delay : delay.within(timeout);
    }

    private static void openDelay(Step step) {
        String name = step.text("delay");
        ExorefClient client = ClientSteps.client(step);
        byte[] key = step.bytes("key");
        AgentBody body = AgentBody.take(step);
        RefOptions<byte[]> options = step.options();
        step.ready();
        if (body != null) Case.current().bodies.keep(name, body);
        Delay<byte[]> delay = body != null ? client.openDelay(key, options, body) : client.openDelay(key, options);
        step.give("created", delay.created());
        Case.current().delays.keep(name, delay);
    }

    private static void claim(Step step) {
        Delay<byte[]> delay = delay(step);
        String name = step.text("lease");
        step.ready();
        Claimed<byte[]> claimed = delay.claim();
        step.give("leased", claimed.leased());
        step.give(claimed.standing());
        if (!claimed.leased()) return;
        step.give("token", claimed.held().token());
        Case.current().leases.keep(name, claimed.held());
    }

    private static void registerLeases(Map<String, Agent.Player> players) {
        players.put("lease.deliver", step -> {
            Lease<byte[]> lease = lease(step);
            byte[] value = step.bytes("value");
            step.ready();
            step.give(lease.deliver(value));
        });
        players.put("lease.fail", step -> {
            Lease<byte[]> lease = lease(step);
            String kind = step.text("kind");
            String message = step.text("message");
            byte[] payload = step.maybeBytes("payload");
            step.ready();
            lease.fail(kind, message, payload == null ? new byte[0] : payload);
        });
        players.put("lease.renew", step -> {
            Lease<byte[]> lease = lease(step);
            step.ready();
            step.give("left_ms", lease.renew().toMillis());
        });
        players.put("lease.lost", step -> {
            Lease<byte[]> lease = Case.current().leases.take(step);
            long ms = step.number("timeout", 0);
            step.ready();
            step.give("lost", Pending.await(lease.lostAsync(), Duration.ofMillis(ms)));
        });
        players.put("lease.give_back", step -> {
            Lease<byte[]> lease = lease(step);
            step.ready();
            lease.giveBack();
        });
    }

    private static Lease<byte[]> lease(Step step) {
        Lease<byte[]> lease = Case.current().leases.take(step);
        Duration timeout = step.timeout();
        return timeout == null ? lease : lease.within(timeout);
    }
}
