// What the words do; each gives the exit code.
#pragma once

#include "cli/arguments.hpp"

namespace exo::cli {

int atom_get(const Arguments &arguments);
int atom_set(const Arguments &arguments);
int atom_cas(const Arguments &arguments);
int atom_swap(const Arguments &arguments);
int atom_watch(const Arguments &arguments);
int atom_meta(const Arguments &arguments);
int promise_deliver(const Arguments &arguments);
int promise_get(const Arguments &arguments);
int promise_realized(const Arguments &arguments);
int delay_get(const Arguments &arguments);
int list(const Arguments &arguments);
int inspect(const Arguments &arguments);
int time_to_live(const Arguments &arguments);
int remove(const Arguments &arguments);
int ping(const Arguments &arguments);
int options(const Arguments &arguments);
int server_start(const Arguments &arguments);
int server_stop(const Arguments &arguments);
int server_status(const Arguments &arguments);

}  // namespace exo::cli
