/* What the steps of a case call by name, until the case ends. */
#include <stdlib.h>
#include <string.h>

#include "agent.h"

typedef struct entry {
    struct entry *next;
    char *name;
    void *what;
} entry;

static entry *names[KINDS];
static const char *const kind_names[KINDS] = {"client", "atom",  "promise", "delay", "swap",    "lease",
                                              "future", "state", "log",     "body",  "function"};

static entry **place(kind of, const char *name) {
    entry **at = &names[of];
    while (*at != NULL && strcmp((*at)->name, name) != 0) at = &(*at)->next;
    return at;
}

void *find(step *s, kind of, const char *name) {
    if (name == NULL) return NULL;
    entry *found = *place(of, name);
    if (found == NULL) step_fault(s, "no %s '%s'", kind_names[of], name);
    return found != NULL ? found->what : NULL;
}

void *take_named(step *s, kind of, const char *field) { return find(s, of, take_text(s, field, true)); }

void keep(step *s, kind of, const char *name, void *what) {
    if (*place(of, name) != NULL) step_fault(s, "the %s '%s' is there already", kind_names[of], name);
    entry *made = calloc(1, sizeof *made);
    if (made == NULL || (made->name = strdup(name)) == NULL) abort();
    made->what = what;
    made->next = names[of];
    names[of] = made;
}

static void *take_out(entry **at) {
    entry *gone = *at;
    void *what = gone->what;
    *at = gone->next;
    free(gone->name);
    free(gone);
    return what;
}

void forget(kind of, const char *name) {
    entry **at = place(of, name);
    if (*at != NULL) take_out(at);
}

void *take_any(kind of) { return names[of] != NULL ? take_out(&names[of]) : NULL; }

void each(kind of, void (*visit)(void *what)) {
    for (entry *at = names[of]; at != NULL; at = at->next) visit(at->what);
}
