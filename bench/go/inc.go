// Package bench measures the Go binding beside the C library, and beside what a Go program would use instead.
package bench

// #cgo pkg-config: exoref
// #include <exoref/exoref.h>
// #include <stdlib.h>
// #include <stdio.h>
//
// static exoref_client *bench_open(const char *url) {
//     exoref_client *client = NULL;
//     exoref_client_open(url, NULL, 5000, &client, NULL);
//     return client;
// }
// static int bench_deref(exoref_client *client, const char *key, size_t size, long times) {
//     exoref_promise *promise = NULL;
//     exoref_value *value = NULL;
//     int failed = exoref_promise_open(client, key, size, NULL, 5000, &promise, NULL, NULL) != EXOREF_OK;
//     for (long i = 0; i < times && !failed; i++) {
//         failed = exoref_promise_deref(promise, 5000, &value, NULL) != EXOREF_OK;
//         exoref_value_release(value);
//     }
//     exoref_promise_release(promise);
//     return failed;
// }
// static int32_t bench_add(void *ctx, const exoref_value *old, exoref_sink *sink) {
//     char next[32];
//     (void)ctx;
//     int size = snprintf(next, sizeof next, "%ld", strtol(exoref_value_data(old), NULL, 10) + 1);
//     return exoref_sink_write(sink, next, (size_t)size);
// }
// static int bench_swap(exoref_client *client, const char *key, size_t size, long times) {
//     exoref_atom *atom = NULL;
//     int failed = exoref_atom_create(client, key, size, "0", 1, NULL, 5000, &atom, NULL, NULL) != EXOREF_OK;
//     for (long i = 0; i < times && !failed; i++) {
//         failed = exoref_atom_swap(atom, bench_add, NULL, EXOREF_TIMEOUT_DEFAULT, NULL, NULL) != EXOREF_OK;
//     }
//     exoref_atom_release(atom);
//     return failed;
// }
import "C"

import (
	"errors"
	"unsafe"
)

// inC is a client of C, without Go around it.
type inC struct{ client *C.exoref_client }

func openInC(url string) (inC, error) {
	text := C.CString(url)
	defer C.free(unsafe.Pointer(text))
	client := C.bench_open(text)
	if client == nil {
		return inC{}, errors.New("C has no connection")
	}
	return inC{client}, nil
}

func (c inC) close() {
	C.exoref_client_close(c.client, 5000, nil)
	C.exoref_client_release(c.client)
}

func (c inC) run(fn func(client *C.exoref_client, key *C.char, size C.size_t) C.int, key string) error {
	text := C.CString(key)
	defer C.free(unsafe.Pointer(text))
	if fn(c.client, text, C.size_t(len(key))) != 0 {
		return errors.New("it failed in C")
	}
	return nil
}

// deref reads a realized promise so many times, in one crossing.
func (c inC) deref(key string, times int) error {
	return c.run(func(client *C.exoref_client, key *C.char, size C.size_t) C.int {
		return C.bench_deref(client, key, size, C.long(times))
	}, key)
}

// swap adds one so many times, in one crossing.
func (c inC) swap(key string, times int) error {
	return c.run(func(client *C.exoref_client, key *C.char, size C.size_t) C.int {
		return C.bench_swap(client, key, size, C.long(times))
	}, key)
}
