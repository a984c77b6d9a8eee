package exoref

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Error is all that is known of one failure. It never contains a password.
type Error struct {
	Status     Status
	Reason     Reason // why an outcome is unknown
	Message    string // what was attempted on which key and server, what went wrong, what to do
	Key        string // the key it was about, "" if none
	ServerText string // the server's own words, "" if none
	Sent       bool   // whether a request may have reached the server
	Kind       string // of a failed body: its kind, a word for programs
	Payload    []byte // of a failed body: any bytes
	Cause      error  // the error of the caller's own function, or of the context
}

func (e *Error) Error() string {
	if e.Cause != nil && e.contextual() {
		return "exoref: " + e.Message + ": " + e.Cause.Error()
	}
	return "exoref: " + e.Message
}

// contextual tells whether the cause is a context's, which the message does not say.
func (e *Error) contextual() bool {
	return e.Status == ErrTimeout || e.Status == ErrCancelled || e.Status == ErrUnknown
}

// Unwrap gives the cause: what the caller's own function returned, or why the context ended.
func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is(err, exoref.ErrTimeout) work.
func (e *Error) Is(target error) bool {
	status, ok := target.(Status)
	return ok && status == e.Status
}

// Class tells what the error means for the state on the server.
func (e *Error) Class() Class { return e.Status.Class() }

// Timeout tells whether the time ran out; what was sent may have been applied all the same, see Class.
func (e *Error) Timeout() bool {
	return e.Status == ErrTimeout || e.Status == ErrUnknown && e.Reason == ReasonTimeout
}

// ClassOf tells what an error of this package means for the state on the server: ClassOK for nil. For other errors it is
// ClassNotAppliedFinal: they come from the caller's own functions, before anything is sent.
func ClassOf(err error) Class {
	var known *Error
	switch {
	case err == nil:
		return ClassOK
	case errors.As(err, &known):
		return known.Class()
	}
	return ClassNotAppliedFinal
}

// ErrDeclined is for a swap's function and for a body to return. A swap then ends well, with nothing changed; of a body the lease is
// given back for another process to take, and its handle offers no more.
var ErrDeclined = errors.New("exoref: declined")

// BodyFailure is an error for a body to return, when it wants to say more than a message. Whoever asks for the value gets an Error with
// the status ErrBody and the same kind, message and payload.
type BodyFailure struct {
	Kind    string // a short word for programs
	Message string
	Payload []byte
	Err     error // what it came from, if anything; it stays in this process
}

func (f *BodyFailure) Error() string { return f.Message }
func (f *BodyFailure) Unwrap() error { return f.Err }

// PanicError is the cause of an error when a body, or a function of AlterMeta, has panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (p *PanicError) Error() string { return fmt.Sprintf("it panicked: %v", p.Value) }

// Unwrap gives the panic's value if it was an error.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// DecodeError says that the codec could not read a value. The bytes are still at hand.
type DecodeError struct {
	Label string // of the codec
	Bytes []byte
	Err   error
}

func (e *DecodeError) Error() string {
	const most = 40
	text := strconv.Quote(string(e.Bytes[:min(most, len(e.Bytes))]))
	if len(e.Bytes) > most {
		text += "..."
	}
	return fmt.Sprintf("exoref: the value %s can not be read as %s: %v", text, named(e.Label), e.Err)
}

func (e *DecodeError) Unwrap() error { return e.Err }

func named(label string) string {
	if label == "" {
		return "the codec's type"
	}
	return label
}

var errGoexit = errors.New("its goroutine ended by runtime.Goexit")

// guarded calls a function of the application so that neither a panic nor runtime.Goexit gets out. The latter still ends the goroutine,
// after `ended` was called.
func guarded(fn func() error, ended func(error)) {
	err := errGoexit
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{value, debug.Stack()}
		}
		ended(err)
	}()
	err = fn()
}

func invalid(format string, arguments ...any) *Error {
	return &Error{Status: ErrInvalid, Message: fmt.Sprintf(format, arguments...)}
}

func closedError(what string) *Error {
	return &Error{Status: ErrClosed, Message: "the " + what + " was closed"}
}

// errorOf makes the error of what the border gave, which is nil or a *low.Failure.
func errorOf(err error) error {
	if failure, ok := err.(*low.Failure); ok {
		return failed(failure)
	}
	return err
}

func failed(f *low.Failure) *Error {
	return &Error{
		Status: Status(f.Status), Reason: Reason(f.Reason), Message: f.Message, Key: f.Key,
		ServerText: f.ServerText, Sent: f.Sent, Kind: f.Kind, Payload: f.Payload,
	}
}

// contextError says that the context was over before anything was done.
func contextError(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return overError(ctx)
}

const nothingSent = "nothing was sent, as the context was over"

func overError(ctx context.Context) *Error {
	e := &Error{Status: ErrCancelled, Message: nothingSent, Cause: context.Cause(ctx)}
	if !errors.Is(ctx.Err(), context.Canceled) {
		e.Status = ErrTimeout
	}
	return e
}

// stillGoing says that a wait was given up, and nothing but the wait: what came of the rest is not known here.
func stillGoing(ctx context.Context, message string) *Error {
	e := &Error{Status: ErrUnknown, Reason: ReasonCancelled, Message: message, Sent: true, Cause: context.Cause(ctx)}
	if !errors.Is(ctx.Err(), context.Canceled) {
		e.Reason = ReasonTimeout
	}
	return e
}

// quoted is a key as the library's own messages show it.
func quoted(key string) string {
	const shown = 80
	var out strings.Builder
	out.WriteByte('\'')
	for i := range min(len(key), shown) {
		if c := key[i]; c < 0x20 || c >= 0x7f || c == '\\' || c == '\'' {
			fmt.Fprintf(&out, `\x%02x`, c)
		} else {
			out.WriteByte(c)
		}
	}
	if len(key) > shown {
		fmt.Fprintf(&out, "…(%d bytes)", len(key))
	}
	out.WriteByte('\'')
	return out.String()
}
