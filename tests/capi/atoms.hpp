// Atoms that several tests begin with: a fresh one, and a swap that somebody interferes with.
#pragma once

#include "capi/fixture.hpp"

namespace exo::capi_test {

struct One {
    Client client = open_client();
    std::string key = fresh_key("atom");
    Atom atom = create_atom(client, key, "1");
};

// A swap's function that lets somebody else change the atom the first time it is called.
struct Interference {
    One one;
    Client other = open_client();
    Atom rival = open_atom(other, one.key);
    int calls = 0;
    std::int32_t answer_then = EXOREF_CALL_OK;

    static std::int32_t fn(void *ctx, const exoref_value *old_value, exoref_sink *sink) {
        auto *self = static_cast<Interference *>(ctx);
        if (++self->calls == 1) {
            reset(self->rival, "10");
            if (self->answer_then != EXOREF_CALL_OK) return self->answer_then;
        }
        return add_one(nullptr, old_value, sink);
    }
};

}  // namespace exo::capi_test
