// Package low is the border to C: what SWIG generates from bindings/swig (exoref_low.go, exoref_low_wrap.c), and beside it what reads
// much in one crossing. Handles are uintptr; whoever gets one releases it. What waits in C: WaitOutcome,
// Exoref_future_wait, and the three of local servers.
package low

// #include "shims.h"
import "C"

import (
	"unsafe"
)

// Failure is all that an exoref_error says.
type Failure struct {
	Status, Reason           int32
	Message, ServerText, Key string
	Kind                     string
	Payload                  []byte
	Sent                     bool
}

func (f *Failure) Error() string { return f.Message }

// failure takes what exoref_go_failure gave: nil for 0.
func failure(raw uintptr) error {
	if f := TakeFailure(raw); f != nil {
		return f
	}
	return nil
}

// TakeFailure reads the failure, and releases the error that it came from.
func TakeFailure(raw uintptr) *Failure {
	const mostStatus = 4096 // below any address
	switch {
	case raw == 0:
		return nil
	case raw < mostStatus:
		return &Failure{Status: int32(raw), Message: StatusText(int32(raw))}
	}
	e := C.exoref_go_read_error(C.uintptr_t(raw))
	defer Exoref_error_release(raw)
	return &Failure{
		Status: int32(e.status), Reason: int32(e.reason), Sent: bool(e.sent),
		Message: C.GoString(e.message), ServerText: C.GoString(e.server_text), Kind: C.GoString(e.kind),
		Key:     C.GoStringN(e.key, C.int(e.key_size)),
		Payload: C.GoBytes(unsafe.Pointer(e.payload), C.int(e.payload_size)),
	}
}

// Value is a value's handle, and its bytes in Go's memory.
type Value struct {
	Handle  uintptr
	Bytes   []byte
	Version uint64
}

// bytesOf is a view of memory of C.
func bytesOf(data unsafe.Pointer, size C.size_t) []byte {
	return unsafe.Slice((*byte)(data), int(size))
}

func copyOf(data unsafe.Pointer, size C.size_t) []byte {
	out := make([]byte, int(size))
	copy(out, bytesOf(data, size))
	return out
}

func valueOf(v *C.exoref_go_value) Value {
	if v.handle == 0 {
		return Value{}
	}
	return Value{uintptr(v.handle), copyOf(v.data, v.size), uint64(v.version)}
}

// ReadValue reads a value and goes on holding the handle.
func ReadValue(handle uintptr) Value {
	v := C.exoref_go_read_value(C.uintptr_t(handle))
	return valueOf(&v)
}

// TakeBytes reads the bytes of a value and releases it.
func TakeBytes(handle uintptr) []byte {
	if handle == 0 {
		return nil
	}
	defer Exoref_value_release(handle)
	return ReadValue(handle).Bytes
}

// Outcome is what a future came to. Its values are the caller's to release.
type Outcome struct {
	Failure         *Failure
	Value, OldValue Value
	Flag            bool
	Number          int64
}

func outcomeOf(o *C.exoref_go_outcome) Outcome {
	if o.failure != 0 {
		return Outcome{Failure: TakeFailure(uintptr(o.failure))}
	}
	return Outcome{nil, valueOf(&o.value), valueOf(&o.old_value), bool(o.flag), int64(o.number)}
}

// ReadOutcome reads the results of a future that is done.
func ReadOutcome(future uintptr) Outcome {
	o := C.exoref_go_read_outcome(C.uintptr_t(future))
	return outcomeOf(&o)
}

// WaitOutcome waits for the future, at most so long, and reads its results. False: it is not done yet.
func WaitOutcome(future uintptr, milliseconds int64) (Outcome, bool) {
	var done C.bool
	o := C.exoref_go_wait_outcome(C.uintptr_t(future), C.int64_t(milliseconds), &done)
	return outcomeOf(&o), bool(done)
}

func knownOf(k *C.exoref_go_known) ([]byte, bool) {
	switch {
	case !bool(k.known):
		return nil, false
	case k.value.handle == 0:
		return copyOf(unsafe.Pointer(&k.inlined[0]), k.value.size), true
	}
	defer Exoref_value_release(uintptr(k.value.handle))
	return copyOf(k.value.data, k.value.size), true
}

// PromiseKnown gives the promise's bytes if this process knows them already: one crossing for what is small.
func PromiseKnown(promise uintptr) ([]byte, bool) {
	k := C.exoref_go_promise_known(C.uintptr_t(promise), C.EXOREF_GO_INLINED)
	return knownOf(&k)
}

// PromiseKnownValue gives the promise's value if this process knows it already.
func PromiseKnownValue(promise uintptr) Value {
	k := C.exoref_go_promise_known(C.uintptr_t(promise), 0)
	return valueOf(&k.value)
}

// DelayKnown gives the delay's bytes if this process knows them already.
func DelayKnown(delay uintptr) ([]byte, bool) {
	k := C.exoref_go_delay_known(C.uintptr_t(delay), C.EXOREF_GO_INLINED)
	return knownOf(&k)
}

// DelayKnownValue gives the delay's value if this process knows it already.
func DelayKnownValue(delay uintptr) Value {
	k := C.exoref_go_delay_known(C.uintptr_t(delay), 0)
	return valueOf(&k.value)
}

// Event is an event that was taken. Of a completion there is the token alone; other events are the caller's to release.
type Event struct {
	Token  uint64
	Handle uintptr
	Kind   int32
}

// Events is room for events that are taken.
type Events struct {
	raw    [64]C.exoref_go_event
	status C.int32_t
	taken  [64]Event
}

// Take takes the events that are there; they are good until the next call. The status is that of the last look: StatusTimeout when there
// are no more, StatusClosed when there never will be, StatusOK when there is no more room.
func (e *Events) Take(client uintptr) (taken []Event, status int32) {
	count := int(C.exoref_go_take_events(C.uintptr_t(client), &e.raw[0], C.int32_t(len(e.raw)), &e.status))
	for i := range count {
		e.taken[i] = Event{uint64(e.raw[i].token), uintptr(e.raw[i].event), int32(e.raw[i].kind)}
	}
	return e.taken[:count], int32(e.status)
}

// Change is one change of an atom; its values are the caller's to release.
type Change struct {
	Old, New        Value
	WatchKey        string
	Version, Missed uint64
	Flags           int32
}

// ReadChange reads the change of a watch's event.
func ReadChange(event uintptr) Change {
	c := C.exoref_go_read_change(C.uintptr_t(event))
	return Change{
		valueOf(&c.old_value), valueOf(&c.new_value), C.GoStringN(c.watch_key, C.int(c.watch_key_size)),
		uint64(c.version), uint64(c.missed), int32(c.flags),
	}
}
