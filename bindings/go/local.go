package exoref

import (
	"context"
	"strings"
	"time"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// LocalStart starts the private server of local:DIR if none runs, and keeps it up without clients until LocalStop.
func LocalStart(ctx context.Context, directory string) error {
	_, err := local(ctx, directory, func(timeoutMs int64) (struct{}, error) {
		return struct{}{}, low.LocalStart(directory, timeoutMs)
	})
	return err
}

// LocalStop ends the private server of local:DIR, whoever uses it; false if none ran.
func LocalStop(ctx context.Context, directory string) (bool, error) {
	return local(ctx, directory, func(timeoutMs int64) (stopped bool, err error) {
		err = low.LocalStop(directory, timeoutMs, &stopped)
		return stopped, err
	})
}

// LocalStatus gives a line about the private server of local:DIR, "" if none runs.
func LocalStatus(ctx context.Context, directory string) (string, error) {
	return local(ctx, directory, func(timeoutMs int64) (string, error) {
		var value uintptr
		err := low.LocalStatus(directory, timeoutMs, &value)
		return string(low.TakeBytes(value)), err
	})
}

// local runs one of these three, which C has in a blocking form alone. If the context ends it returns at once, with ErrUnknown, while the
// work in C ends within its time.
func local[R any](ctx context.Context, directory string, work func(timeoutMs int64) (R, error)) (R, error) {
	const usual = 10 * time.Second
	type answer struct {
		result R
		err    error
	}
	var none R
	if err := contextError(ctx); err != nil {
		return none, err
	}
	if strings.IndexByte(directory, 0) >= 0 {
		return none, invalid("the directory %q has a NUL in it", directory)
	}
	most := usual
	if deadline, ok := ctx.Deadline(); ok {
		most = max(time.Until(deadline), time.Millisecond)
	}
	done := make(chan answer, 1)
	go func() {
		result, err := work(milliseconds(most))
		done <- answer{result, errorOf(err)}
	}()
	select {
	case a := <-done:
		return a.result, a.err
	case <-ctx.Done():
		return none, stillGoing(ctx, "the context was over while it was under way; look before you do it again")
	}
}
