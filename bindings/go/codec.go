package exoref

import (
	"errors"
	"unicode/utf8"
)

// Codec turns values into bytes and back. References that are opened with it carry its label, so that whoever opens them with another
// is refused. Equal values must give equal bytes, or CompareAndSet does not find them. It is used by many goroutines at once.
type Codec[T any] interface {
	// Label names the encoding, "json"; "" for a reference of bytes without a label.
	Label() string
	Encode(value T) ([]byte, error)
	// Decode may keep the bytes, which are nobody else's.
	Decode(data []byte) (T, error)
}

// String is the codec of texts in UTF-8, with the label "string". Strings that are no UTF-8 are refused.
var String Codec[string] = stringCodec{}

// Bytes is the codec of bytes as they are, without a label.
var Bytes Codec[[]byte] = bytesCodec{}

type stringCodec struct{}

var errNoUTF8 = errors.New("it is not UTF-8")

func (stringCodec) Label() string { return "string" }
func (stringCodec) Encode(value string) ([]byte, error) {
	if !utf8.ValidString(value) {
		return nil, errNoUTF8
	}
	return []byte(value), nil
}
func (stringCodec) Decode(data []byte) (string, error) {
	if !utf8.Valid(data) {
		return "", errNoUTF8
	}
	return string(data), nil
}

type bytesCodec struct{}

func (bytesCodec) Label() string                       { return "" }
func (bytesCodec) Encode(value []byte) ([]byte, error) { return value, nil }
func (bytesCodec) Decode(data []byte) ([]byte, error)  { return data, nil }

func decode[T any](codec Codec[T], data []byte) (T, error) {
	value, err := codec.Decode(data)
	if err != nil {
		var none T
		return none, &DecodeError{codec.Label(), data, err}
	}
	return value, nil
}

// encode makes the bytes of a value that is to be proposed, and has the validator judge it. `attempt` says what for.
func (t *typed[T]) encode(value T, attempt attempt) ([]byte, error) {
	data, err := t.encodeOnly(value, attempt)
	if err != nil {
		return nil, err
	}
	if err := judge(t.validate, value, attempt); err != nil {
		return nil, err
	}
	return data, nil
}

func (t *typed[T]) encodeOnly(value T, attempt attempt) ([]byte, error) {
	data, err := t.codec.Encode(value)
	if err != nil {
		return nil, attempt.failed(ErrInvalid, "the value can not be encoded as "+named(t.codec.Label())+": "+err.Error(), err)
	}
	return data, nil
}

// judge asks the validator, if there is one.
func judge[T any](validate func(T) error, value T, attempt attempt) error {
	if validate == nil {
		return nil
	}
	if err := validate(value); err != nil {
		return attempt.failed(ErrValidation, "the validator refused the value: "+err.Error(), err)
	}
	return nil
}

// attempt is what an error says first: could not swap atom "k" on redis://...
type attempt struct{ verb, noun, key, server string }

func (a attempt) failed(status Status, what string, cause error) *Error {
	message := "could not " + a.verb + " " + a.noun + " " + quoted(a.key) + " on " + a.server + ": " + what
	return &Error{Status: status, Message: message, Key: a.key, Cause: cause}
}
