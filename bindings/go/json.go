package exoref

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"unicode/utf8"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// JSON is the codec of canonical JSON, with the label "json": what encoding/json makes of the value, in the one form that all languages
// write, so that equal values are equal bytes. It differs from encoding/json where that would lose something: floats are always written
// as such (1.0, not 1), strings that are no UTF-8 are refused, and numbers that are read into an `any` are json.Number, exact.
func JSON[T any]() Codec[T] { return jsonCodec[T]{} }

type jsonCodec[T any] struct{}

func (jsonCodec[T]) Label() string { return "json" }

func (jsonCodec[T]) Encode(value T) ([]byte, error) {
	text, err := appendJSON(nil, reflect.ValueOf(&value).Elem())
	if err != nil {
		return nil, err
	}
	return JSONCanonical(text)
}

func (jsonCodec[T]) Decode(data []byte) (T, error) {
	var value T
	if err := readable(data); err != nil {
		return value, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return value, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return value, fmt.Errorf("something stands after the value, at offset %d", decoder.InputOffset())
	}
	return value, nil
}

// readable refuses what encoding/json would read as something else, or leave open, and is not in canonical JSON: it puts U+FFFD for bytes
// that are no UTF-8 and for escaped halves of surrogates, takes the last of two values under one key, and numbers beyond any double.
func readable(data []byte) error {
	if !utf8.Valid(data) {
		return errNoUTF8
	}
	if !bytes.ContainsAny(data, `{[.eE\`) {
		return nil // none of that can be in it
	}
	return errorOf(low.JSONCanonical(data, nil))
}

// JSONCanonical gives the canonical form of a JSON text: no white space, sorted keys, one way to write each string and number.
func JSONCanonical(text []byte) ([]byte, error) {
	var value uintptr
	if err := low.JSONCanonical(text, &value); err != nil {
		return nil, errorOf(err)
	}
	return low.TakeBytes(value), nil
}
