/* The natives: what all languages share, and a few of our own that do several things in one crossing (exoref_jni.hpp says what). */
%include "exoref.i"

%typemap(in, numinputs=0) JNIEnv *jenv "$1 = jenv;"
%typemap(jni) jlongArray "jlongArray"
%typemap(jtype) jlongArray "long[]"
%typemap(jstype) jlongArray "long[]"
%typemap(in) jlongArray { $1 = $input; }
%typemap(javain) jlongArray "$javainput"

jbyteArray value_bytes(JNIEnv *jenv, const exoref_value *value);
jbyteArray promise_known(JNIEnv *jenv, exoref_promise *promise);
jbyteArray delay_known(JNIEnv *jenv, exoref_delay *delay);
exoref_swap *swap_begin_now(JNIEnv *jenv, exoref_atom *atom, jlongArray old_value);
jbyteArray json_canonical(JNIEnv *jenv, const void *data, size_t size);
bool wait_future(JNIEnv *jenv, exoref_future *future);
void raise_outcome(JNIEnv *jenv, exoref_future *future);
int32_t next_event(JNIEnv *jenv, exoref_client *client, jlongArray event);
