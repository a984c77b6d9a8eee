// Events that the application takes, and the changes in them.
#include <exoref/exoref.h>

#include "capi/border.hpp"
#include "refs/swap.hpp"

using exo::base::ErrorPtr;
using exo::capi::border;
using exo::capi::null_argument;
namespace base = exo::base;
namespace refs = exo::refs;

namespace {

ErrorPtr may_take(exoref_client *client) {
    if (auto unusable = exo::capi::usable(client, "client")) return unusable;
    if (!client->life->client()->dispatcher().has_lanes()) return nullptr;
    return exo::capi::invalid("events can be taken only from a client that was opened with events=take");
}

ErrorPtr no_event(const refs::Client &client) {
    if (client.dispatcher().ended())
        return base::make_error(base::Status::ECLOSED, "the client is closed and its events are taken");
    return base::make_error(base::Status::ETIMEOUT, "no event came in the time");
}

const refs::WatchEvent *watch_event(const exoref_event *event) {
    return event != nullptr ? dynamic_cast<const refs::WatchEvent *>(event->event.get()) : nullptr;
}

const refs::BodyEvent *body_event(const exoref_event *event) {
    return event != nullptr ? dynamic_cast<const refs::BodyEvent *>(event->event.get()) : nullptr;
}

const refs::CompletionEvent *completion(const exoref_event *event) {
    return event != nullptr ? dynamic_cast<const refs::CompletionEvent *>(event->event.get()) : nullptr;
}

}  // namespace

extern "C" {

exoref_status exoref_client_next_event(exoref_client *client, int64_t timeout_ms, exoref_event **out,
                                       exoref_error **error) {
    exo::capi::clear(out);
    return border(error, [&]() -> ErrorPtr {
        if (auto refused = may_take(client)) return refused;
        if (out == nullptr) return null_argument("out");
        refs::Client &inner = *client->life->client();
        const auto timeout = exo::capi::timeout_in(timeout_ms, inner);
        if (!timeout) return timeout.error();
        auto event = inner.dispatcher().take(base::deadline_after(*timeout));
        if (!event) return no_event(inner);
        auto handle = std::make_unique<exoref_event>();
        handle->event = std::move(event);
        if (const auto *watch = watch_event(handle.get())) {
            handle->has_change = true;
            handle->change.watch = &watch->watch();
            handle->change.change = watch->change().get();
            handle->change.old_value = exo::capi::new_value(watch->change()->old_state);
            handle->change.new_value = exo::capi::new_value(watch->change()->new_state);
        }
        *out = handle.release();
        return nullptr;
    });
}

exoref_status exoref_client_poll(exoref_client *client, size_t max, int64_t timeout_ms, size_t *ran,
                                 exoref_error **error) {
    if (ran != nullptr) *ran = 0;
    return border(error, [&]() -> ErrorPtr {
        if (auto refused = may_take(client)) return refused;
        refs::Client &inner = *client->life->client();
        const auto timeout = exo::capi::timeout_in(timeout_ms, inner);
        if (!timeout) return timeout.error();
        std::size_t count = 0;
        auto event = inner.dispatcher().take(base::deadline_after(*timeout));
        if (!event) return no_event(inner);
        while (event) {
            event->run();
            event = nullptr;
            ++count;
            if (ran != nullptr) *ran = count;
            if (max == 0 || count < max) event = inner.dispatcher().take(base::Clock::now());
        }
        return nullptr;
    });
}

exoref_status exoref_client_set_event_fd(exoref_client *client, int32_t fd, exoref_error **error) {
    return border(error, [&]() -> ErrorPtr {
        if (auto refused = may_take(client)) return refused;
        client->life->client()->dispatcher().set_fd(fd);
        return nullptr;
    });
}

int32_t exoref_event_kind(const exoref_event *event) {
    if (event == nullptr) return 0;
    if (watch_event(event) != nullptr) return EXOREF_EVENT_WATCH;
    if (dynamic_cast<const refs::SwapStep *>(event->event.get()) != nullptr) return EXOREF_EVENT_STEP;
    if (body_event(event) != nullptr) return EXOREF_EVENT_BODY;
    return completion(event) != nullptr ? EXOREF_EVENT_COMPLETION : EXOREF_EVENT_RELEASE;
}

uint64_t exoref_event_token(const exoref_event *event) {
    if (const auto *watch = watch_event(event)) return watch->watch().token;
    if (const auto *body = body_event(event)) return body->token();
    const auto *done = completion(event);
    return done != nullptr ? done->token() : 0;
}

exoref_future *exoref_event_future(const exoref_event *event) {
    const auto *done = completion(event);
    if (done == nullptr) return nullptr;
    return exo::capi::quietly<exoref_future *>(nullptr, [&] { return exo::capi::new_future(done->future()); });
}

const exoref_change *exoref_event_change(const exoref_event *event) {
    return event != nullptr && event->has_change ? &event->change : nullptr;
}

exoref_lease *exoref_event_lease(const exoref_event *event) {
    const auto *body = body_event(event);
    if (body == nullptr || exo::capi::forked(*event)) return nullptr;
    return exo::capi::quietly<exoref_lease *>(nullptr, [&] { return exo::capi::new_lease(body->take_lease()); });
}

void exoref_event_run(exoref_event *event) {
    if (event == nullptr || exo::capi::forked(*event) || event->ran.exchange(true)) return;
    exo::capi::quietly(0, [&] { return event->event->run(), 0; });
}

void exoref_event_release(exoref_event *event) {
    if (event == nullptr || exo::capi::forked(*event)) return;
    exo::capi::release(event->change.old_value);
    exo::capi::release(event->change.new_value);
    // What only frees a context must happen whether or not somebody ran it.
    if (exoref_event_kind(event) == EXOREF_EVENT_RELEASE) exoref_event_run(event);
    delete event;
}

const char *exoref_change_watch_key(const exoref_change *change, size_t *size) {
    if (size != nullptr) *size = change != nullptr ? change->watch->watch_key.size() : 0;
    return change != nullptr ? change->watch->watch_key.c_str() : "";
}

const char *exoref_change_key(const exoref_change *change, size_t *size) {
    if (size != nullptr) *size = change != nullptr ? change->watch->reference_key.size() : 0;
    return change != nullptr ? change->watch->reference_key.c_str() : "";
}

const exoref_value *exoref_change_old_value(const exoref_change *change) {
    return change != nullptr ? change->old_value : nullptr;
}
const exoref_value *exoref_change_new_value(const exoref_change *change) {
    return change != nullptr ? change->new_value : nullptr;
}
uint64_t exoref_change_version(const exoref_change *change) { return change != nullptr ? change->change->version : 0; }
uint64_t exoref_change_missed(const exoref_change *change) { return change != nullptr ? change->change->missed : 0; }
int32_t exoref_change_flags(const exoref_change *change) { return change != nullptr ? change->change->flags : 0; }

}  // extern "C"
