/*
 * Java's overlay: static natives over `long` handles in two package-private classes. A status that is not OK is thrown as an
 * ExorefException; bytes and texts go over the border as byte[] (JNI's own strings are not UTF-8). Of the callbacks there are two: the
 * log's, and the function of exoref_atom_alter_meta_async(), which has no pull form. All else is taken by exoref_client_next_event().
 */
%pragma(java) moduleclassmodifiers="final class"
%pragma(java) jniclassclassmodifiers="final class"
%pragma(java) jniclasscode=%{  static { NativeLibrary.load(); }%}

%{
#include "exoref_jni.hpp"
%}

%apply int64_t { uint64_t, size_t };

/* A status: thrown, or nothing. Where a function gives something too, that is what it returns. */
%typemap(jni) exoref_status "void"
%typemap(jtype) exoref_status "void"
%typemap(jstype) exoref_status "void"
%typemap(out) exoref_status ""
%typemap(javaout) exoref_status { $jnicall; }
%typemap(in, numinputs=0) exoref_error **error (exoref_error *failure = NULL) { $1 = &failure; }
%typemap(argout) exoref_error **error { if (result != EXOREF_OK) exoref_jni::raise(jenv, result, *$1); }

/* A status as a number. */
%define %exoref_status_number(WHAT)
%typemap(jni) exoref_status WHAT "jint"
%typemap(jtype) exoref_status WHAT "int"
%typemap(jstype) exoref_status WHAT "int"
%typemap(in) exoref_status WHAT { $1 = $input; }
%typemap(out) exoref_status WHAT { $result = $1; }
%typemap(javain) exoref_status WHAT "$javainput"
%typemap(javaout) exoref_status WHAT { return $jnicall; }
%enddef
%exoref_status_number(status)
%exoref_status_number(exoref_future_status)

/* Bytes and texts that come out. */
%typemap(jni) const char *, jbyteArray "jbyteArray"
%typemap(jtype) const char *, jbyteArray "byte[]"
%typemap(jstype) const char *, jbyteArray "byte[]"
%typemap(out) const char * { $result = $1 ? exoref_jni::to_bytes(jenv, $1, strlen($1)) : NULL; }
%typemap(out) jbyteArray { $result = $1; }
%typemap(javaout) const char *, jbyteArray { return $jnicall; }
/* Texts that go in: UTF-8, to which the NUL is added here. null is NULL. */
%typemap(in) const char * (exoref_jni::Text text) { if (!text.read(jenv, $input)) return $null; $1 = text.get(); }
%typemap(javain) const char * "$javainput"
%typemap(freearg) const char * ""

%define %exoref_handle(TYPE, NAME, RELEASE)
%typemap(jni) TYPE *, const TYPE * "jlong"
%typemap(jtype) TYPE *, const TYPE * "long"
%typemap(jstype) TYPE *, const TYPE * "long"
%typemap(in) TYPE *, const TYPE * { $1 = (TYPE *)(intptr_t)$input; }
%typemap(javain) TYPE *, const TYPE * "$javainput"
%typemap(out) TYPE *, const TYPE * { $result = (jlong)(intptr_t)$1; }
%typemap(javaout) TYPE *, const TYPE * { return $jnicall; }
%typemap(in, numinputs=0) TYPE ** (TYPE *given = NULL) { $1 = &given; }
%typemap(argout) TYPE ** { $result = (jlong)(intptr_t)*$1; }
%enddef
%define %exoref_borrowed(TYPE, NAME)
%exoref_handle(TYPE, NAME, )
%enddef

%define %exoref_bytes(DATA, SIZE)
%typemap(jni) (const void *DATA, size_t SIZE) "jbyteArray"
%typemap(jtype) (const void *DATA, size_t SIZE) "byte[]"
%typemap(jstype) (const void *DATA, size_t SIZE) "byte[]"
%typemap(javain) (const void *DATA, size_t SIZE) "$javainput"
%typemap(in) (const void *DATA, size_t SIZE) (exoref_jni::Bytes bytes) {
  if (!bytes.read(jenv, $input)) return $null;
  $1 = bytes.data();
  $2 = bytes.size();
}
%enddef

/* Watches, bodies and completions are told of by events: they have no function, and null for it. */
%define %exoref_callback(FN_TYPE, KIND)
%typemap(jni) (FN_TYPE fn, void *ctx, exoref_free_fn free_ctx) "jobject"
%typemap(jtype) (FN_TYPE fn, void *ctx, exoref_free_fn free_ctx) "Object"
%typemap(jstype) (FN_TYPE fn, void *ctx, exoref_free_fn free_ctx) "Object"
%typemap(javain) (FN_TYPE fn, void *ctx, exoref_free_fn free_ctx) "$javainput"
%typemap(in) (FN_TYPE fn, void *ctx, exoref_free_fn free_ctx) {
  $1 = exoref_jni::KIND##_call;
  $2 = $input ? jenv->NewGlobalRef($input) : NULL;
  $3 = $input ? exoref_jni::free_ref : NULL;
}
%enddef
%define %exoref_function(FN_TYPE, KIND)
%enddef

%define %exoref_returns(FUNCTION, JNI, JAVA)
%typemap(jni) exoref_status FUNCTION "JNI"
%typemap(jtype) exoref_status FUNCTION "JAVA"
%typemap(jstype) exoref_status FUNCTION "JAVA"
%typemap(javaout) exoref_status FUNCTION { return $jnicall; }
%enddef
%define %exoref_gives(FUNCTION, TYPE)
%exoref_returns(FUNCTION, jlong, long)
%enddef
%define %exoref_gives_flag(FUNCTION)
%exoref_returns(FUNCTION, jboolean, boolean)
%enddef
%define %exoref_gives_number(FUNCTION)
%exoref_returns(FUNCTION, jlong, long)
%enddef
%typemap(in, numinputs=0) bool * (bool given = false) { $1 = &given; }
%typemap(argout) bool * { $result = *$1; }
%typemap(in, numinputs=0) int64_t * (int64_t given = 0) { $1 = &given; }
%typemap(argout) int64_t * { $result = *$1; }
/* These have a form that gives a future, which is what is used. */
%define %exoref_gives_several(FUNCTION)
%ignore FUNCTION;
%enddef

%define %exoref_text(FUNCTION)
%enddef
%define %exoref_key_text(FUNCTION)
%typemap(out) const char *FUNCTION ""
%enddef
%typemap(in, numinputs=0) size_t *size (size_t given = 0) { $1 = &given; }
%typemap(argout) size_t *size { $result = exoref_jni::to_bytes(jenv, result, *$1); }

/* What Java does in its own way. */
%ignore exoref_options_set_validator;
%ignore exoref_atom_set_validator;
%ignore exoref_future_set_callback;
%ignore exoref_atom_swap;
%ignore exoref_atom_swap_vals;
%ignore exoref_atom_swap_async;
%ignore exoref_atom_alter_meta;
%ignore exoref_atom_add_watch;
%ignore exoref_client_poll;
%ignore exoref_client_set_event_fd;
%ignore exoref_client_next_event;
%ignore exoref_sink_write;
%ignore exoref_sink_set_message;
%ignore exoref_sink_set_kind;
%ignore exoref_error_retain;
%ignore exoref_error_release;
%ignore exoref_error_status;
%ignore exoref_error_message;
%ignore exoref_error_reason;
%ignore exoref_error_server_text;
%ignore exoref_error_key;
%ignore exoref_error_sent;
%ignore exoref_error_kind;
%ignore exoref_error_payload;
%rename("$ignore", %$isenumitem) "";
%ignore EXOREF_VERSION_MAJOR;
%ignore EXOREF_VERSION_MINOR;
%ignore EXOREF_VERSION_PATCH;
%ignore EXOREF_TIMEOUT_NONE;
%ignore EXOREF_TIMEOUT_DEFAULT;
%ignore EXOREF_TTL_NONE;
