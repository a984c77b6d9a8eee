package exoref

import (
	"context"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Client is a connection to one server, for any number of references and goroutines. It reconnects by itself. It is an io.Closer.
type Client struct {
	*core
}

// core is the client without what the collector watches: the goroutine that takes the events has it too.
type core struct {
	h       *handle
	server  string
	timeout time.Duration // the option; negative for none
	journal *journal

	mu        sync.Mutex
	lastToken uint64
	waiting   map[uint64]chan struct{}
	listeners map[uint64]func(low.Event)
	watches   map[watchName]*watch

	watchesEnded bool // the client is closed: none is added any more

	turns    sync.Mutex
	lastTurn uint64
	adding   map[watchName]int // how many watches the library is adding just now, under this name

	inC atomic.Int32 // goroutines that wait in C just now

	lane   lane
	bodies bodies

	ended chan struct{} // closed when all events were taken, and nothing more is called: the client is closed
	gone  chan struct{} // closed when nothing of it is left
}

// Open opens a client and waits until the server has answered. The URL is redis://[[user]:password@]host[:port][/database][?option=value],
// redis+unix://path/to/socket, or local:DIR for a private server that all processes share which name the folder; "" takes the environment's
// EXOREF_URL, REDIS_URL, or redis://127.0.0.1:6379. Connecting is tried again until the context ends, or, if it has no deadline, for the
// time of the option `timeout`; WithoutWaiting does not wait for that.
func Open(ctx context.Context, url string, options ...Option) (*Client, error) {
	s := settingsOf(options)
	if s.codec != nil || s.validator != nil {
		return nil, invalid("codecs and validators are for references, not for clients")
	}
	if _, ok := queryOf(resolved(url))["events"]; ok || s.has("events") {
		return nil, invalid("the option events is not for Go, whose clients take their events themselves")
	}
	if strings.IndexByte(url, 0) >= 0 {
		return nil, invalid("the URL has a NUL in it")
	}
	s.named = append(s.named, [2]string{"events", "take"})
	native, err := s.native()
	if err != nil {
		return nil, err
	}
	defer low.Exoref_options_release(native)
	c := &core{
		waiting:   map[uint64]chan struct{}{},
		listeners: map[uint64]func(low.Event){},
		watches:   map[watchName]*watch{},
		adding:    map[watchName]int{},
		timeout:   timeoutOf(resolved(url), native),
		ended:     make(chan struct{}),
		gone:      make(chan struct{}),
	}
	c.lane.init()
	c.bodies.init()
	if s.logger != nil {
		c.journal = newJournal(s.logger)
		if err := c.journal.attach(native); err != nil {
			c.journal.end()
			return nil, err
		}
	}
	if err := c.open(ctx, url, native, s.atOnce); err != nil {
		c.journal.end()
		return nil, err
	}
	client := &Client{c}
	runtime.SetFinalizer(client, func(client *Client) { go client.core.closeNow() })
	return client, nil
}

// open connects. Until there is a client nobody can take events, so a goroutine waits in C, which the context ends.
func (c *core) open(ctx context.Context, url string, options uintptr, atOnce bool) error {
	op := c.begin(ctx, operation, func(timeoutMs int64, future *uintptr) error {
		if atOnce {
			timeoutMs = 0
		}
		return low.ClientOpen(url, options, timeoutMs, future)
	})
	if op.err != nil {
		return op.err
	}
	defer low.Exoref_future_release(op.future)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = low.Exoref_future_wait(op.future, low.TimeoutNone)
	}()
	over := false
	select {
	case <-done:
	case <-ctx.Done():
		over = true
		low.Exoref_future_cancel(op.future)
		<-done
	}
	outcome := low.ReadOutcome(op.future)
	if outcome.Failure != nil {
		return op.explain(failed(outcome.Failure), over)
	}
	return c.live(low.Exoref_future_client(op.future))
}

// live begins to take events.
func (c *core) live(client uintptr) error {
	reader, writer, err := os.Pipe()
	if err == nil {
		err = withFd(writer, func(fd uintptr) error {
			return errorOf(low.Exoref_client_set_event_fd(client, int(fd)))
		})
	}
	if err != nil {
		_ = low.Exoref_client_close(client, 0)
		low.Exoref_client_release(client)
		return err
	}
	c.h = newHandle(client, "client", low.Exoref_client_release)
	c.server = low.Server(client)
	go func() {
		defer close(c.gone)
		c.takeEvents(client, reader)
		_ = low.Exoref_client_set_event_fd(client, -1)
		c.lane.end()
		c.endWatches()
		c.bodies.end()
		close(c.ended)
		writer.Close()
		reader.Close()
		c.journal.end()
		if c.journal != nil {
			<-c.journal.ended
		}
	}()
	return nil
}

// withFd calls fn with the descriptor, without making it a blocking one, as Fd would.
func withFd(file *os.File, fn func(fd uintptr) error) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := conn.Control(func(fd uintptr) { inner = fn(fd) }); err != nil {
		return err
	}
	return inner
}

// Close closes the client: every call that is under way ends at once with ErrClosed (ErrUnknown for a write that was sent), functions of
// yours are called no more, connections, threads and goroutines end. It does not wait for functions of yours that run just now: Shutdown
// does. Closing again does nothing.
func (c *Client) Close() error {
	err := c.core.closeNow()
	runtime.KeepAlive(c)
	return err
}

func (c *core) closeNow() error {
	raw, err := c.h.use()
	if err != nil {
		<-c.ended
		return nil
	}
	err = errorOf(low.Exoref_client_close(raw, 0))
	c.h.done()
	<-c.ended // soon: the library ends all that is under way
	c.h.close()
	return err
}

// Shutdown closes the client, and waits until watches, bodies and log handlers of yours that run just now have returned (functions of swaps
// and of AlterMeta are waited for by those who call them). The bodies' contexts are cancelled. Called from such a function it is
// ErrDeadlock, and the client is closed all the same.
func (c *Client) Shutdown(ctx context.Context) error {
	if err := c.Close(); err != nil {
		return err
	}
	if c.lane.runsHere() || c.bodies.runsHere() || c.journal.runsHere() {
		const words = "Shutdown was called by a function of this client, and would wait for it; the client is closed"
		return &Error{Status: ErrDeadlock, Message: words}
	}
	for _, idle := range []<-chan struct{}{c.gone, c.lane.idle(), c.bodies.idle()} {
		select {
		case <-idle:
		case <-ctx.Done():
			return stillGoing(ctx, "the client is closed, but functions of yours still run")
		}
	}
	return nil
}

// Server is the server as messages name it: the URL without secrets.
func (c *Client) Server() string { return c.server }

// Pong is what a server answers to a ping.
type Pong struct {
	RoundTrip     time.Duration
	ServerVersion string // "7.0.15"; empty where the server hides it
}

// Ping asks the server for a sign of life.
func (c *Client) Ping(ctx context.Context) (Pong, error) {
	op := c.use(ctx, c.h, operation, low.Exoref_client_ping_async)
	outcome, err := op.finish()
	if err != nil {
		return Pong{}, err
	}
	release(outcome)
	return Pong{time.Duration(outcome.Number) * time.Microsecond, string(outcome.Value.Bytes)}, nil
}

// Stat is a counter of a client.
type Stat struct {
	Name, Meaning string
	Value         int64
}

// Stats reads the client's counters.
func (c *Client) Stats() []Stat {
	raw, err := c.h.use()
	if err == nil {
		defer c.h.done()
	}
	stats := make([]Stat, low.Exoref_stat_count())
	for n := range stats {
		stats[n] = Stat{low.StatName(n), low.StatMeaning(n), low.Exoref_client_stat(raw, int64(n))}
	}
	return stats
}

// Version is the version of the library that this program runs with.
func Version() string { return low.Version() }

// release lets go of the values of an outcome, of which only the bytes are wanted.
func release(outcome low.Outcome) {
	low.Exoref_value_release(outcome.Value.Handle)
	low.Exoref_value_release(outcome.OldValue.Handle)
}
