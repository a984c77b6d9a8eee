package exoref

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// codecOf is a codec whose Encode a test chooses.
type codecOf struct{ encode func(int) ([]byte, error) }

func (codecOf) Label() string                      { return "" }
func (c codecOf) Encode(value int) ([]byte, error) { return c.encode(value) }
func (codecOf) Decode([]byte) (int, error)         { return 0, nil }

// wicked is an error whose text can't be had.
type wicked struct{}

func (wicked) Error() string { panic("no text") }

// Whatever becomes of a body's value or error, everybody is told, the body is not begun again, and nothing else is harmed.
func TestWhatABodyMakesAndCanNotBePublishedIsAFailure(t *testing.T) {
	gives := func(value int, err error) Body[int] {
		return func(context.Context, *Lease[int]) (int, error) { return value, err }
	}
	validator := func(judge func(int) error) Option { return WithValidator(judge) }
	codec := func(encode func(int) ([]byte, error)) Option { return WithCodec[int](codecOf{encode}) }
	var none *BodyFailure
	for what, one := range map[string]struct {
		body   Body[int]
		option Option
		kind   string
	}{
		"validator refuses":       {gives(1, nil), validator(func(int) error { return errMine }), "validation"},
		"validator panics":        {gives(1, nil), validator(func(int) error { panic("mine") }), "validation"},
		"validator goexit":        {gives(1, nil), validator(func(int) error { runtime.Goexit(); return nil }), "validation"},
		"validator declines":      {gives(1, nil), validator(func(int) error { return ErrDeclined }), "validation"},
		"codec refuses":           {gives(1, nil), codec(func(int) ([]byte, error) { return nil, errMine }), "codec"},
		"codec panics":            {gives(1, nil), codec(func(int) ([]byte, error) { panic("mine") }), "codec"},
		"codec goexit":            {gives(1, nil), codec(func(int) ([]byte, error) { runtime.Goexit(); return nil, nil }), "codec"},
		"large value":             {gives(1, nil), codec(func(int) ([]byte, error) { return make([]byte, 1<<20), nil }), "size"},
		"large message":           {gives(0, errors.New(strings.Repeat("m", 1<<20))), nil, "size"},
		"large payload":           {gives(0, &BodyFailure{Payload: make([]byte, 1<<20), Err: errMine}), nil, "size"},
		"no failure":              {gives(0, none), nil, "panic"},
		"an error without a text": {gives(0, wicked{}), nil, "panic"},
		"panics with declined":    {func(context.Context, *Lease[int]) (int, error) { panic(ErrDeclined) }, nil, "panic"},
	} {
		t.Run(what, func(t *testing.T) {
			ctx := within(t)
			client := open(t, With("max_value_size", "4KiB"))
			var runs atomic.Int32
			delay := must(OpenDelay(ctx, client, fresh(t), func(ctx context.Context, lease *Lease[int]) (int, error) {
				runs.Add(1)
				return one.body(ctx, lease)
			}, one.option))(t)
			for range 2 {
				_, err := delay.Deref(ctx)
				var e *Error
				same(t, "status", errors.As(err, &e) && e.Status == ErrBody, true)
				same(t, "kind", e.Kind, one.kind)
				if what == "validator refuses" || what == "codec refuses" || what == "large payload" {
					same(t, "cause", errors.Is(err, errMine), true)
				}
			}
			same(t, "runs", runs.Load(), 1)
		})
	}
}
