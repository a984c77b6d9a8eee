package exoref

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestContextThatIsOverSendsNothing(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	cancelled, cancel := context.WithCancelCause(ctx)
	cancel(errMine)
	_, err := atom.Reset(cancelled, 2)
	same(t, "cancelled", errors.Is(err, ErrCancelled) && errors.Is(err, errMine), true)
	same(t, "class", ClassOf(err), ClassNotAppliedFinal)
	late, cancelLate := context.WithTimeout(ctx, -time.Second)
	defer cancelLate()
	_, err = atom.Reset(late, 2)
	same(t, "late", errors.Is(err, ErrTimeout) && errors.Is(err, context.DeadlineExceeded), true)
	same(t, "class", ClassOf(err), ClassNotAppliedRetry)
	same(t, "unchanged", must(atom.Deref(ctx))(t), 1)
	_, err = Open(cancelled, serverURL)
	same(t, "open", errors.Is(err, ErrCancelled), true)
}

func TestCancelEndsAWaitAtOnce(t *testing.T) {
	client := open(t)
	promise := must(OpenPromise[int](within(t), client, fresh(t)))(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := promise.Deref(ctx)
		done <- err
	}()
	waitFor(t, "the wait", func() bool { return client.stillWaits(1) })
	begun := time.Now()
	cancel(errMine)
	err := await(t, "the end of the wait", done)
	if took := time.Since(begun); took > time.Second {
		t.Fatalf("it took %v", took)
	}
	same(t, "error", errors.Is(err, errMine) && errors.Is(err, ErrCancelled), true)
	other := must(OpenPromise[int](within(t), client, promise.Key()))(t)
	same(t, "the promise is as before", must(other.Realized(within(t)))(t), false)
}

func TestDeadlineEndsAWait(t *testing.T) {
	client := open(t)
	promise := must(OpenPromise[int](within(t), client, fresh(t)))(t)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := promise.Deref(ctx)
	took := time.Since(begun)
	same(t, "error", errors.Is(err, ErrTimeout) && errors.Is(err, context.DeadlineExceeded), true)
	if took < 50*time.Millisecond || took > time.Second {
		t.Fatalf("it took %v", took)
	}
	var e *Error
	same(t, "timeout", errors.As(err, &e) && e.Timeout(), true)
}

// waitFor waits, by looking, for what must become true.
func waitFor(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(aWhile); !is(); {
		if time.Now().After(end) {
			t.Fatalf("%s: it did not come", what)
		}
		<-time.After(time.Millisecond)
	}
}

func (c *core) stillWaits(n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waiting) >= n
}

// stoppable starts a server of the test's own, which can be stopped and let go on.
func stoppable(t *testing.T) (url string, server *os.Process) {
	t.Helper()
	directory := t.TempDir()
	socket := filepath.Join(directory, "s")
	return "redis+unix://" + socket, start(t, directory, socket)
}

func start(t *testing.T, directory, socket string) *os.Process {
	t.Helper()
	command := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--dir", directory, "--save", "")
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // threads end with the program alone
	check(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	return command.Process
}

func TestWriteThatWasSentAndThenCancelledIsUnknown(t *testing.T) {
	url, server := stoppable(t)
	client := must(Open(within(t), url))(t)
	defer client.Close()
	atom := must(CreateAtom(within(t), client, "k", 1))(t)
	check(t, server.Signal(syscall.SIGSTOP))
	ctx, cancel := context.WithCancel(context.Background())
	future := atom.ResetAsync(ctx, 2)
	waitFor(t, "the wait", func() bool { return client.stillWaits(1) })
	cancel()
	_, err := future.Get(within(t))
	var e *Error
	same(t, "unknown", errors.Is(err, ErrUnknown) && errors.As(err, &e), true)
	same(t, "reason", e.Reason, ReasonCancelled)
	same(t, "class", ClassOf(err), ClassUnknown)
	same(t, "cause", errors.Is(err, context.Canceled), true)
	late, cancelLate := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancelLate()
	_, err = atom.Reset(late, 3)
	same(t, "late", errors.Is(err, ErrUnknown) && errors.Is(err, context.DeadlineExceeded), true)
	same(t, "reason", errors.As(err, &e) && e.Reason == ReasonTimeout, true)
	check(t, server.Signal(syscall.SIGCONT))
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	client := must(Open(within(t), serverURL))(t)
	promise := must(OpenPromise[int](within(t), client, fresh(t)))(t)
	future := promise.DerefAsync(context.Background())
	waitFor(t, "the wait", func() bool { return client.stillWaits(1) })
	check(t, client.Close())
	_, err := future.Get(within(t))
	same(t, "closed", errors.Is(err, ErrClosed), true)
}

func TestOpeningEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := Open(ctx, "redis+unix:///nowhere/at/all")
	same(t, "late", errors.Is(err, ErrConnection) || errors.Is(err, ErrTimeout), true)
	ctx, cancelNow := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := Open(ctx, "redis+unix:///nowhere/at/all", With("timeout", "none"))
		done <- err
	}()
	cancelNow()
	same(t, "cancelled", errors.Is(await(t, "the end", done), context.Canceled), true)
}

// Waits cost no threads: they are channels.
func TestManyWaitsNeedFewThreads(t *testing.T) {
	client, ctx := open(t), within(t)
	promise := must(OpenPromise[int](ctx, client, fresh(t)))(t)
	const waits = 300
	done := make(chan error, waits)
	before := threads(t)
	for range waits {
		go func() {
			_, err := promise.Deref(ctx)
			done <- err
		}()
	}
	waitFor(t, "the waits", func() bool { return client.stillWaits(waits) })
	if more := threads(t) - before; more > 20 {
		t.Fatalf("%d threads more for %d waits", more, waits)
	}
	must(promise.Deliver(ctx, 1))(t)
	for range waits {
		check(t, await(t, "a wait", done))
	}
}

func threads(t testing.TB) int {
	t.Helper()
	return len(must(os.ReadDir("/proc/self/task"))(t))
}

// threadsNamed counts threads whose name begins so.
func threadsNamed(t testing.TB, prefix string) int {
	t.Helper()
	count := 0
	for _, entry := range must(os.ReadDir("/proc/self/task"))(t) {
		name, err := os.ReadFile("/proc/self/task/" + entry.Name() + "/comm")
		if err == nil && strings.HasPrefix(string(name), prefix) {
			count++
		}
	}
	return count
}

// Closing the client ends what no context does.
func TestCloseEndsACallWhoseContextNeverEnds(t *testing.T) {
	url, server := stoppable(t)
	client := must(Open(within(t), url, With("timeout", "none")))(t)
	atom := must(CreateAtom(within(t), client, "k", 1))(t)
	check(t, server.Signal(syscall.SIGSTOP))
	done := make(chan error, 1)
	go func() {
		_, err := atom.Reset(context.Background(), 2)
		done <- err
	}()
	waitFor(t, "the wait", func() bool { return client.stillWaits(1) })
	check(t, client.Close())
	err := await(t, "the end", done)
	same(t, "closed", errors.Is(err, ErrClosed) || errors.Is(err, ErrUnknown), true)
	check(t, server.Signal(syscall.SIGCONT))
}

// Where the places in C are taken the others go through futures, and end with their contexts all the same.
func TestWaitsInCAreFew(t *testing.T) {
	url, server := stoppable(t)
	client := must(Open(within(t), url))(t)
	defer client.Close()
	atom := must(CreateAtom(within(t), client, "k", 1))(t)
	check(t, server.Signal(syscall.SIGSTOP))
	before := threads(t)
	done := make(chan error, 200)
	for range 100 {
		go func() { _, err := atom.Deref(context.Background()); done <- err }()
	}
	ctx, cancel := context.WithCancel(context.Background())
	for range 100 {
		go func() { _, err := atom.Deref(ctx); done <- err }()
	}
	waitFor(t, "the waits", func() bool { return client.stillWaits(100) })
	if more := threads(t) - before; more > 40 {
		t.Fatalf("%d threads more", more)
	}
	cancel()
	for range 100 {
		same(t, "cancelled", errors.Is(await(t, "an end", done), ErrCancelled), true)
	}
	check(t, server.Signal(syscall.SIGCONT))
	for range 100 {
		check(t, await(t, "an end", done))
	}
}

func TestOpeningWithoutWaiting(t *testing.T) {
	directory := t.TempDir()
	socket := filepath.Join(directory, "s")
	client := must(Open(context.Background(), "redis+unix://"+socket, WithoutWaiting()))(t)
	defer client.Close()
	created := make(chan error, 1)
	go func() {
		_, err := CreateAtom(within(t), client, "k", 1)
		created <- err
	}()
	waitFor(t, "the wait", func() bool { return client.stillWaits(1) })
	start(t, directory, socket)
	check(t, await(t, "the creation", created))
	_, err := CreateAtom(within(t), client, "k", 1, WithoutWaiting())
	same(t, "not for references", errors.Is(err, ErrInvalid), true)
}
