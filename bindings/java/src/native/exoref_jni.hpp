// What the generated natives stand on: bytes, texts and failures over the border, the callbacks that remain, and natives that do several
// things in one crossing.
#pragma once

#include <exoref/exoref.h>
#include <jni.h>

#include <cstdint>
#include <cstring>

namespace exoref_jni {

// Bytes that go in: copied, small ones onto the stack, since the call may block.
class Bytes {
public:
    Bytes() = default;
    ~Bytes();
    Bytes(const Bytes &) = delete;
    Bytes &operator=(const Bytes &) = delete;

    // False: an exception is pending. null is NULL.
    bool read(JNIEnv *jenv, jbyteArray array);
    void *data() { return data_; }
    size_t size() const { return size_; }

protected:
    char *data_ = nullptr;
    size_t size_ = 0;

private:
    char stack_[512];
};

// A text that goes in, as UTF-8, with the NUL that C wants. One that holds a NUL is refused.
class Text : private Bytes {
public:
    bool read(JNIEnv *jenv, jbyteArray array);
    char *get() { return data_; }
};

jbyteArray to_bytes(JNIEnv *jenv, const void *data, size_t size);

// Throws what io.exoref.Failures makes of the error, which is released.
void raise(JNIEnv *jenv, exoref_status status, exoref_error *error);

// Callbacks: ctx is a global reference to an object of io.exoref.
void log_call(void *ctx, int32_t level, const char *category, const char *line);
int32_t swap_call(void *ctx, const exoref_value *old_value, exoref_sink *result);
constexpr exoref_validator_fn validator_call = nullptr;
constexpr exoref_future_fn completion_call = nullptr;
constexpr exoref_watch_fn watch_call = nullptr;
constexpr exoref_body_fn body_call = nullptr;
void free_ref(void *ctx);

}  // namespace exoref_jni

jbyteArray value_bytes(JNIEnv *jenv, const exoref_value *value);

// The value if it is known here; null if it would have to be waited for.
jbyteArray promise_known(JNIEnv *jenv, exoref_promise *promise);
jbyteArray delay_known(JNIEnv *jenv, exoref_delay *delay);

// Begins a swap from memory, with the value's handle in `old_value`; NULL if the server would have to be asked.
exoref_swap *swap_begin_now(JNIEnv *jenv, exoref_atom *atom, jlongArray old_value);

jbyteArray json_canonical(JNIEnv *jenv, const void *data, size_t size);

// Waits until it is done; false: the wait was interrupted.
bool wait_future(JNIEnv *jenv, exoref_future *future);
// Throws if the future went wrong.
void raise_outcome(JNIEnv *jenv, exoref_future *future);

// Waits for the next event: its kind, with token and handle in `event`. 0: the client is closed, and no more will come.
int32_t next_event(JNIEnv *jenv, exoref_client *client, jlongArray event);
