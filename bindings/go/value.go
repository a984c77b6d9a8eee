package exoref

import "github.com/exoref/exoref/bindings/go/internal/low"

// Value is what a reference held at one state: its bytes, the version, and the identity of that state, which CompareAndSetAt takes. It is
// immutable.
type Value[T any] struct {
	state
	codec Codec[T]
}

// state is a value without its type.
type state struct {
	h       *handle
	bytes   []byte
	version uint64
}

func stateOf(v low.Value) *state {
	if v.Handle == 0 {
		return nil
	}
	return &state{newHandle(v.Handle, "value", low.Exoref_value_release), v.Bytes, v.Version}
}

// valueOf takes over what the border gave; nil for none.
func (t *typed[T]) valueOf(v low.Value) *Value[T] { return t.valueAt(stateOf(v)) }

func (t *typed[T]) valueAt(s *state) *Value[T] {
	if s == nil {
		return nil
	}
	return &Value[T]{*s, t.codec}
}

// take decodes what the border gave, and lets go of it.
func (t *typed[T]) take(v low.Value) (T, error) {
	low.Exoref_value_release(v.Handle)
	return decode(t.codec, v.Bytes)
}

// Get decodes the value. Each call does it anew, so that what it gives is the caller's own. A DecodeError if the codec can't.
func (v *Value[T]) Get() (T, error) { return decode(v.codec, v.Bytes()) }

// Bytes is a copy of the value's bytes.
func (v *Value[T]) Bytes() []byte { return append([]byte{}, v.bytes...) }

// String is the value's bytes as a text.
func (v *Value[T]) String() string { return string(v.bytes) }

// Version tells how many values the reference had had when it got this one: 1 for the initial one of an atom.
func (v *Value[T]) Version() uint64 { return v.version }

// Codec is the label of the reference that the value came from, "" if it has none.
func (v *Value[T]) Codec() string {
	raw, err := v.h.use()
	if err != nil {
		return ""
	}
	defer v.h.done()
	return low.Codec(raw)
}

// SameState tells whether both are the very same state of the same reference; equal bytes of another state are not.
func (v *Value[T]) SameState(other *Value[T]) bool {
	if v == nil || other == nil {
		return false
	}
	a, errA := v.h.use()
	if errA != nil {
		return false
	}
	defer v.h.done()
	b, errB := other.h.use()
	if errB != nil {
		return false
	}
	defer other.h.done()
	return low.Exoref_value_same_state(a, b)
}

// Values is what one change made of what.
type Values[T any] struct {
	Old, New *Value[T]
}

// Compared is what CompareAndSet answers.
type Compared[T any] struct {
	Swapped  bool      // whether it was set
	Standing *Value[T] // what stands now: the new value, or the one that did not match
}
