package exoref

import (
	"context"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// clock bounds an operation that is made of several by the client's option `timeout`, where the context has no deadline.
type clock struct {
	time     time.Duration
	deadline time.Time // zero: none
}

func (c *core) clock(ctx context.Context) clock {
	if _, ok := ctx.Deadline(); ok || c.timeout < 0 {
		return clock{}
	}
	return clock{c.timeout, time.Now().Add(c.timeout)}
}

func (c clock) over() bool { return !c.deadline.IsZero() && !time.Now().Before(c.deadline) }

// left is what is left of it, as a timeout of C.
func (c clock) left() int64 {
	if c.deadline.IsZero() {
		return operation
	}
	return max(1, int64((time.Until(c.deadline)+time.Millisecond-1)/time.Millisecond))
}

// timeoutOf reads the option `timeout` as it will hold for a client: from the options, unless the URL has it. Negative: none.
func timeoutOf(address string, options uintptr) time.Duration {
	for _, name := range []string{"EXOREF_URL", "REDIS_URL"} {
		if address == "" {
			address = os.Getenv(name)
		}
	}
	text := queryOf(address).Get("timeout")
	if text == "" {
		var value uintptr
		if low.OptionsGet(options, "timeout", &value) == nil {
			text = string(low.TakeBytes(value))
		}
	}
	timeout, err := time.ParseDuration(text)
	if err != nil {
		return -1
	}
	return timeout
}

// queryOf finds the options in a URL.
func queryOf(address string) url.Values {
	_, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil // the library says what is wrong with it
	}
	return values
}
