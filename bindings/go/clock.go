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
	if _, ok := ctx.Deadline(); ok || c.timeout <= 0 { // of 0, from memory alone, C judges at each step
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
	return max(1, milliseconds(time.Until(c.deadline)))
}

// milliseconds rounds up.
func milliseconds(d time.Duration) int64 {
	ms := int64(d / time.Millisecond)
	if d%time.Millisecond > 0 {
		ms++
	}
	return ms
}

// resolved is the URL that holds, as C finds it.
func resolved(url string) string {
	for _, name := range []string{"EXOREF_URL", "REDIS_URL"} {
		if url == "" {
			url = os.Getenv(name)
		}
	}
	return url
}

// timeoutOf reads the option `timeout` as it will hold for a client: from the options, unless the URL has it. Negative: none.
func timeoutOf(url string, options uintptr) time.Duration {
	text, ok := queryOf(url)["timeout"]
	if !ok {
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

// queryOf finds the options in a URL. What is wrong with them the library says.
func queryOf(address string) map[string]string {
	found := map[string]string{}
	_, query, _ := strings.Cut(address, "?")
	for _, pair := range strings.Split(query, "&") {
		name, text, _ := strings.Cut(pair, "=")
		name, errName := url.PathUnescape(name)
		text, errText := url.PathUnescape(text)
		if errName == nil && errText == nil {
			found[name] = text
		}
	}
	return found
}
