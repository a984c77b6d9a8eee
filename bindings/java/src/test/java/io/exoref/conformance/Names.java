package io.exoref.conformance;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** What the steps of a case call by name, of one kind. */
final class Names<T> {

    private final String what;
    private final Map<String, T> all = new HashMap<>();

    Names(String what) {
        this.what = what;
    }

    T find(String name) {
        T found = all.get(name);
        if (found == null) throw new Fault("no " + what + " '" + name + "'");
        return found;
    }

    T take(Step step) {
        return find(step.text(what));
    }

    boolean has(String name) {
        return all.containsKey(name);
    }

    T keep(String name, T thing) {
        if (all.putIfAbsent(name, thing) != null) throw new Fault("the " + what + " '" + name + "' is there already");
        return thing;
    }

    T forget(String name) {
        return all.remove(name);
    }

    Collection<T> all() {
        return all.values();
    }
}
