package main

import (
	"context"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
)

// names is what the steps of a case call by name, until the case ends.
type names[T any] struct {
	what string
	all  map[string]T
}

func named[T any](what string) names[T] { return names[T]{what, map[string]T{}} }

func (n names[T]) find(name string) T {
	thing, ok := n.all[name]
	if !ok {
		panic(faultf("no %s %q", n.what, name))
	}
	return thing
}

func (n names[T]) take(s *step) T { return n.find(s.text(n.what)) }

func (n names[T]) keep(name string, thing T) {
	n.free(name)
	n.all[name] = thing
}

// free refuses a name that is there already, before anything is done.
func (n names[T]) free(name string) {
	if _, ok := n.all[name]; ok {
		panic(faultf("the %s %q is there already", n.what, name))
	}
}

// pending is an operation that was begun.
type pending struct {
	get    func(*step, context.Context)
	done   func() bool
	cancel func()
}

type playedCase struct {
	clients  names[*exoref.Client]
	atoms    names[*exoref.Atom[[]byte]]
	promises names[*exoref.Promise[[]byte]]
	delays   names[*exoref.Delay[[]byte]]
	leases   names[*exoref.Lease[[]byte]]
	states   names[value]
	swaps    names[*exoref.SwapStep[[]byte]]
	logs     names[*record]
	lines    names[*record] // of the clients' own logs
	bodies   names[*body]
	futures  names[pending]
	atEnd    []func()
	usual    time.Duration // the clients' option timeout
	url      string
	prefix   string
}

func newCase() *playedCase {
	return &playedCase{
		clients: named[*exoref.Client]("client"), atoms: named[*exoref.Atom[[]byte]]("atom"),
		promises: named[*exoref.Promise[[]byte]]("promise"), delays: named[*exoref.Delay[[]byte]]("delay"),
		leases: named[*exoref.Lease[[]byte]]("lease"), states: named[value]("state"),
		swaps: named[*exoref.SwapStep[[]byte]]("swap"), logs: named[*record]("log"), lines: named[*record]("client"),
		bodies: named[*body]("delay"), futures: named[pending]("future"), usual: 5 * time.Second,
	}
}

var theCase = newCase()

func (c *playedCase) clientOf(s *step) *exoref.Client {
	return c.clients.find(s.textOr("client", "main"))
}

// end ends the case: nothing of it goes on or is called after this.
func (c *playedCase) end() {
	for _, body := range c.bodies.all {
		body.end()
	}
	for _, client := range c.clients.all {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		check(client.Shutdown(ctx))
		cancel()
	}
	for _, last := range c.atEnd {
		last()
	}
	theCase = newCase()
}

// begun keeps what an asynchronous form began; `give` says what its result is.
func begun[R any](name string, future *exoref.Future[R], give func(*step, R)) {
	theCase.futures.keep(name, pending{
		get: func(s *step, ctx context.Context) { give(s, must(future.Get(ctx))) },
		done: func() bool {
			select {
			case <-future.Done():
				return true
			default:
				return false
			}
		},
		cancel: future.Cancel,
	})
}

var futurePlayers = map[string]player{
	"future.get": func(s *step) {
		future := theCase.futures.take(s)
		ctx := s.within(s.number("timeout", -1))
		s.ready()
		future.get(s, ctx)
	},
	"future.done": func(s *step) {
		future := theCase.futures.take(s)
		s.ready()
		s.give("done", future.done())
	},
	"future.cancel": func(s *step) {
		future := theCase.futures.take(s)
		s.ready()
		future.cancel()
	},
}
