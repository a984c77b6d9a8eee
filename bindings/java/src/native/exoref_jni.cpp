#include "exoref_jni.hpp"

#include <pthread.h>

#include <cstdlib>

namespace exoref_jni {
namespace {

JavaVM *vm = nullptr;
pthread_key_t detach_key;
pthread_once_t detach_once = PTHREAD_ONCE_INIT;

// Weak: a strong reference would keep the class loader, and with it this library, for ever.
jweak failures = nullptr;
jmethodID failures_make = nullptr;
jmethodID log_line = nullptr;
jmethodID function_call = nullptr;

// The Java thread that this one is; a thread of exoref's becomes one at its first callback, and stays one until it ends.
JNIEnv *env_here() {
    void *env = nullptr;
    if (vm->GetEnv(&env, JNI_VERSION_10) == JNI_OK) return static_cast<JNIEnv *>(env);
    JavaVMAttachArgs args = {JNI_VERSION_10, const_cast<char *>("exoref-native"), nullptr};
    if (vm->AttachCurrentThreadAsDaemon(&env, &args) != JNI_OK) return nullptr;
    pthread_setspecific(detach_key, vm);
    return static_cast<JNIEnv *>(env);
}

void make_detach_key() {
    pthread_key_create(&detach_key, [](void *) { vm->DetachCurrentThread(); });
}

void throw_new(JNIEnv *jenv, const char *type, const char *message) {
    if (jclass found = jenv->FindClass(type)) jenv->ThrowNew(found, message);
}

jbyteArray text_bytes(JNIEnv *jenv, const char *text) { return to_bytes(jenv, text, strlen(text)); }

// What a function wrote, or how it failed, goes into the sink.
int32_t fill(JNIEnv *jenv, exoref_sink *result, jbyteArray made) {
    Bytes bytes;
    if (jenv->ExceptionCheck() || !bytes.read(jenv, made)) {
        jenv->ExceptionClear();
        return EXOREF_CALL_FAILED;
    }
    if (!made) return EXOREF_CALL_DECLINED;
    return exoref_sink_write(result, bytes.data(), bytes.size()) == EXOREF_OK ? EXOREF_CALL_OK : EXOREF_CALL_FAILED;
}

}  // namespace

Bytes::~Bytes() {
    if (data_ != stack_) free(data_);
}

bool Bytes::read(JNIEnv *jenv, jbyteArray array) {
    if (!array) return true;
    const jsize size = jenv->GetArrayLength(array);
    const size_t needed = static_cast<size_t>(size) + 1;
    data_ = needed <= sizeof stack_ ? stack_ : static_cast<char *>(malloc(needed));
    if (!data_) {
        throw_new(jenv, "java/lang/OutOfMemoryError", "no memory for bytes that go to exoref");
        return false;
    }
    jenv->GetByteArrayRegion(array, 0, size, reinterpret_cast<jbyte *>(data_));
    data_[size] = '\0';
    size_ = static_cast<size_t>(size);
    return true;
}

bool Text::read(JNIEnv *jenv, jbyteArray array) {
    if (!Bytes::read(jenv, array)) return false;
    if (!data_ || strlen(data_) == size_) return true;
    throw_new(jenv, "java/lang/IllegalArgumentException", "the text holds a NUL character");
    return false;
}

jbyteArray to_bytes(JNIEnv *jenv, const void *data, size_t size) {
    if (size > INT32_MAX) {
        throw_new(jenv, "java/lang/OutOfMemoryError", "larger than a byte[] can be");
        return nullptr;
    }
    const auto length = static_cast<jsize>(size);
    jbyteArray array = jenv->NewByteArray(length);
    if (array) jenv->SetByteArrayRegion(array, 0, length, static_cast<const jbyte *>(data));
    return array;
}

void raise(JNIEnv *jenv, exoref_status status, exoref_error *error) {
    size_t key_size = 0, payload_size = 0;
    const char *key = exoref_error_key(error, &key_size);
    const char *payload = exoref_error_payload(error, &payload_size);
    const char *message = error ? exoref_error_message(error) : exoref_status_text(status);
    auto type = static_cast<jclass>(jenv->NewLocalRef(failures));
    if (type) {
        jobject made = jenv->CallStaticObjectMethod(
            type, failures_make, static_cast<jint>(status), static_cast<jint>(exoref_error_reason(error)),
            static_cast<jboolean>(exoref_error_sent(error)), text_bytes(jenv, message), to_bytes(jenv, key, key_size),
            text_bytes(jenv, exoref_error_server_text(error)), text_bytes(jenv, exoref_error_kind(error)),
            to_bytes(jenv, payload, payload_size));
        if (!jenv->ExceptionCheck()) jenv->Throw(static_cast<jthrowable>(made));
    }
    exoref_error_release(error);
}

void log_call(void *ctx, int32_t level, const char *category, const char *line) {
    JNIEnv *jenv = env_here();
    if (!jenv || jenv->ExceptionCheck() || jenv->PushLocalFrame(4) != 0) return;
    jbyteArray first = text_bytes(jenv, category), second = first ? text_bytes(jenv, line) : nullptr;
    if (second) jenv->CallVoidMethod(static_cast<jobject>(ctx), log_line, static_cast<jint>(level), first, second);
    jenv->ExceptionClear();
    jenv->PopLocalFrame(nullptr);
}

int32_t swap_call(void *ctx, const exoref_value *old_value, exoref_sink *result) {
    JNIEnv *jenv = env_here();
    if (!jenv || jenv->PushLocalFrame(4) != 0) return EXOREF_CALL_FAILED;
    jbyteArray old = value_bytes(jenv, old_value);
    jobject made = old ? jenv->CallObjectMethod(static_cast<jobject>(ctx), function_call, old) : nullptr;
    const int32_t answer = fill(jenv, result, static_cast<jbyteArray>(made));
    jenv->PopLocalFrame(nullptr);
    return answer;
}

void free_ref(void *ctx) {
    if (JNIEnv *jenv = env_here()) jenv->DeleteGlobalRef(static_cast<jobject>(ctx));
}

}  // namespace exoref_jni

using exoref_jni::raise;
using exoref_jni::to_bytes;

jbyteArray value_bytes(JNIEnv *jenv, const exoref_value *value) {
    return to_bytes(jenv, exoref_value_data(value), exoref_value_size(value));
}

namespace {

template <class Reference>
jbyteArray known(JNIEnv *jenv, Reference *reference,
                 exoref_status (*deref)(Reference *, int64_t, exoref_value **, exoref_error **)) {
    exoref_value *value = nullptr;
    exoref_error *error = nullptr;
    const exoref_status status = deref(reference, 0, &value, &error);
    jbyteArray bytes = nullptr;
    if (status == EXOREF_OK) {
        bytes = value_bytes(jenv, value);
        exoref_value_release(value);
    } else if (status != EXOREF_ETIMEOUT) {
        raise(jenv, status, error);
    } else {
        exoref_error_release(error);
    }
    return bytes;
}

}  // namespace

jbyteArray promise_known(JNIEnv *jenv, exoref_promise *promise) { return known(jenv, promise, exoref_promise_deref); }
jbyteArray delay_known(JNIEnv *jenv, exoref_delay *delay) { return known(jenv, delay, exoref_delay_deref); }

exoref_swap *swap_begin_now(JNIEnv *jenv, exoref_atom *atom, jlongArray old_value) {
    exoref_swap *swap = nullptr;
    exoref_value *old = nullptr;
    exoref_error *error = nullptr;
    const exoref_status status = exoref_atom_swap_begin(atom, 0, &swap, &old, &error);
    if (status == EXOREF_OK) {
        const auto handle = static_cast<jlong>(reinterpret_cast<intptr_t>(old));
        jenv->SetLongArrayRegion(old_value, 0, 1, &handle);
    } else if (status != EXOREF_ETIMEOUT) {
        raise(jenv, status, error);
    } else {
        exoref_error_release(error);
    }
    return swap;
}

jbyteArray json_canonical(JNIEnv *jenv, const void *data, size_t size) {
    exoref_value *value = nullptr;
    exoref_error *error = nullptr;
    const exoref_status status = exoref_json_canonical(data, size, &value, &error);
    if (status != EXOREF_OK) {
        raise(jenv, status, error);
        return nullptr;
    }
    jbyteArray bytes = value_bytes(jenv, value);
    exoref_value_release(value);
    return bytes;
}

bool wait_future(JNIEnv *jenv, exoref_future *future) {
    exoref_error *error = nullptr;
    const exoref_status status = exoref_future_wait(future, EXOREF_TIMEOUT_NONE, &error);
    if (status == EXOREF_OK) return true;
    if (status == EXOREF_EINTERRUPTED) {
        exoref_error_release(error);
    } else {
        raise(jenv, status, error);
    }
    return false;
}

void raise_outcome(JNIEnv *jenv, exoref_future *future) {
    // It is done; but where no event tells so any more, since the client was closed, it may be just about to be.
    if (!exoref_future_done(future)) exoref_future_wait(future, EXOREF_TIMEOUT_NONE, nullptr);
    const exoref_status status = exoref_future_status(future);
    if (status != EXOREF_OK) raise(jenv, status, exoref_future_error(future));
}

int32_t next_event(JNIEnv *jenv, exoref_client *client, jlongArray event) {
    for (;;) {
        exoref_event *next = nullptr;
        exoref_error *error = nullptr;
        const exoref_status status = exoref_client_next_event(client, EXOREF_TIMEOUT_NONE, &next, &error);
        if (status == EXOREF_ECLOSED) {
            exoref_error_release(error);
            return 0;
        }
        if (status != EXOREF_OK) {
            raise(jenv, status, error);
            return 0;
        }
        const int32_t kind = exoref_event_kind(next);
        const jlong out[2] = {static_cast<jlong>(exoref_event_token(next)),
                              static_cast<jlong>(reinterpret_cast<intptr_t>(next))};
        if (kind == EXOREF_EVENT_RELEASE) {
            exoref_event_release(next);
            continue;
        }
        jenv->SetLongArrayRegion(event, 0, 2, out);
        return kind;
    }
}

extern "C" JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *the_vm, void *) {
    using namespace exoref_jni;
    vm = the_vm;
    pthread_once(&detach_once, make_detach_key);
    void *found = nullptr;
    if (vm->GetEnv(&found, JNI_VERSION_10) != JNI_OK) return JNI_ERR;
    auto *jenv = static_cast<JNIEnv *>(found);
    jclass type = jenv->FindClass("io/exoref/Failures");
    jclass log = type ? jenv->FindClass("io/exoref/LogBridge") : nullptr;
    jclass function = log ? jenv->FindClass("io/exoref/MetaFunction") : nullptr;
    if (!function) return JNI_ERR;
    failures = jenv->NewWeakGlobalRef(type);
    failures_make = jenv->GetStaticMethodID(type, "make", "(IIZ[B[B[B[B[B)Lio/exoref/ExorefException;");
    log_line = failures_make ? jenv->GetMethodID(log, "line", "(I[B[B)V") : nullptr;
    function_call = log_line ? jenv->GetMethodID(function, "call", "([B)[B") : nullptr;
    return function_call ? JNI_VERSION_10 : JNI_ERR;
}

extern "C" JNIEXPORT void JNICALL JNI_OnUnload(JavaVM *, void *) {
    void *found = nullptr;
    if (exoref_jni::vm->GetEnv(&found, JNI_VERSION_10) == JNI_OK)
        static_cast<JNIEnv *>(found)->DeleteWeakGlobalRef(exoref_jni::failures);
}
