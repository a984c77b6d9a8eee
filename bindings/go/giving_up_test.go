package exoref

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"syscall"
	"testing"
	"time"
)

// Who gives up waiting for what goes on is not told that nothing was changed.
func TestAWaitThatIsGivenUpIsUnknown(t *testing.T) {
	url, server := stoppable(t)
	client := must(Open(within(t), url))(t)
	defer client.Close()
	atom := must(CreateAtom(within(t), client, "k", 1))(t)
	check(t, server.Signal(syscall.SIGSTOP))
	future := atom.ResetAsync(within(t), 2)
	cancelled, cancel := context.WithCancelCause(context.Background())
	cancel(errMine)
	late, cancelLate := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancelLate()
	for reason, ctx := range map[Reason]context.Context{ReasonCancelled: cancelled, ReasonTimeout: late} {
		_, err := future.Get(ctx)
		var e *Error
		same(t, "unknown", errors.As(err, &e) && e.Status == ErrUnknown, true)
		same(t, "reason", e.Reason, reason)
		same(t, "class", ClassOf(err), ClassUnknown)
		same(t, "cause", errors.Is(err, context.Cause(ctx)), true)
	}
	_, err := atom.DerefAsync(within(t)).Get(late)
	same(t, "who asked changes nothing", errors.Is(err, ErrTimeout) && errors.Is(err, context.DeadlineExceeded), true)
	check(t, server.Signal(syscall.SIGCONT))
	same(t, "set", must(must(future.Get(within(t)))(t).New.Get())(t), 2)
}

func TestLocalThatIsGivenUpIsUnknown(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	begun, hold := make(chan struct{}), make(chan struct{})
	defer close(hold)
	done := make(chan error, 1)
	go func() {
		_, err := local(ctx, "d", func(int64) (bool, error) {
			close(begun)
			<-hold
			return true, nil
		})
		done <- err
	}()
	await(t, "the work", begun)
	cancel()
	err := await(t, "the end", done)
	same(t, "unknown", errors.Is(err, ErrUnknown) && errors.Is(err, context.Canceled), true)
	_, err = local(ctx, "d", func(int64) (bool, error) { t.Error("it was begun"); return true, nil })
	same(t, "before it was begun", errors.Is(err, ErrCancelled), true)
}

// What a swap's function fails with comes out, although the call could not have gone on.
func TestAFunctionThatFailsComesOutAlthoughAllElseIsOver(t *testing.T) {
	ctx := within(t)
	for what, one := range map[string]func(client *Client, cancel context.CancelFunc){
		"cancelled": func(_ *Client, cancel context.CancelFunc) { cancel() },
		"closed":    func(client *Client, _ context.CancelFunc) { client.Close() },
		"late":      func(*Client, context.CancelFunc) { <-time.After(30 * time.Millisecond) },
	} {
		for how, fails := range map[string]func() error{"function": func() error { return errMine }, "validator": func() error { return nil }} {
			t.Run(what+" "+how, func(t *testing.T) {
				client := open(t, With("timeout", "20ms"))
				atom := must(CreateAtom(ctx, client, fresh(t), 0, WithValidator(func(n int) error {
					if n > 0 {
						return errMine
					}
					return nil
				})))(t)
				its, cancel := context.WithCancel(context.Background())
				defer cancel()
				_, err := atom.Swap(its, func(int) (int, error) {
					one(client, cancel)
					return 1, fails()
				})
				same(t, "mine", errors.Is(err, errMine), true)
				same(t, "class", ClassOf(err), ClassNotAppliedFinal)
			})
		}
	}
}

func TestTimesThatAreVeryLongOrNone(t *testing.T) {
	client := open(t, With("timeout", "0ms"))
	atom := must(CreateAtom(within(t), client, fresh(t), 1))(t)
	calls := 0
	_, err := atom.Swap(context.Background(), func(n int) (int, error) { calls++; return n + 1, nil })
	same(t, "from memory alone", errors.Is(err, ErrTimeout) || errors.Is(err, ErrUnknown), true)
	far, cancel := context.WithTimeout(context.Background(), math.MaxInt64)
	defer cancel()
	must(client.Ping(far))(t)
	must(atom.Swap(far, func(n int) (int, error) { return n + 1, nil }))(t)
	same(t, "milliseconds", milliseconds(math.MaxInt64), math.MaxInt64/1_000_000+1)
	same(t, "milliseconds", milliseconds(time.Nanosecond), 1)
	same(t, "milliseconds", milliseconds(2*time.Millisecond), 2)
	must(LocalStatus(far, t.TempDir()))(t)
	check(t, client.Expire(far, atom.Key(), math.MaxInt64))
}

func TestOptionsOfTheEnvironmentsURL(t *testing.T) {
	t.Setenv("EXOREF_URL", serverURL+"?%74imeout=2%30ms&name=a;b")
	client := must(Open(within(t), ""))(t)
	defer client.Close()
	same(t, "timeout", client.timeout, 20*time.Millisecond)
	t.Setenv("EXOREF_URL", serverURL+"?events=callback")
	_, err := Open(within(t), "")
	same(t, "events", errors.Is(err, ErrInvalid), true)
}

// shutting closes the client when it is given a line.
type shutting struct {
	hanging
	client chan *Client
	result chan error
}

func (s shutting) Handle(context.Context, slog.Record) error {
	select {
	case client := <-s.client:
		s.result <- client.Shutdown(context.Background())
	default:
	}
	return nil
}

func TestShutdownFromAHandlerOfTheLog(t *testing.T) {
	handler := shutting{client: make(chan *Client, 1), result: make(chan error, 1)}
	client := open(t, WithLogger(slog.New(handler)))
	handler.client <- client
	client.journal.write(slog.LevelInfo, "test", "a line")
	same(t, "deadlock", errors.Is(await(t, "the answer", handler.result), ErrDeadlock), true)
	check(t, client.Shutdown(within(t)))
}
