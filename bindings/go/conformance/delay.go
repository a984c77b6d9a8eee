package main

import (
	"context"
	"errors"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
)

var delayPlayers = map[string]player{
	"delay.open": func(s *step) {
		name, client, key, ctx := s.text("delay"), theCase.clientOf(s), string(s.bytes("key")), s.timeout()
		body := s.takeBody()
		options := s.referenceOptions()
		s.ready()
		theCase.delays.free(name)
		var run exoref.Body[[]byte]
		if body != nil {
			theCase.bodies.keep(name, body)
			run = body.run
		}
		delay := must(exoref.OpenDelay(ctx, client, key, run, options...))
		s.give("created", delay.Created())
		theCase.delays.keep(name, delay)
	},
	"delay.deref": func(s *step) {
		delay, ctx := theCase.delays.take(s), s.timeout()
		future, isFuture := s.maybeText("future")
		s.ready()
		if isFuture {
			begun(future, delay.DerefAsync(ctx), (*step).giveValue)
			return
		}
		s.giveValue(must(delay.DerefValue(ctx)))
	},
	"delay.realized": func(s *step) {
		delay, ctx := theCase.delays.take(s), s.timeout()
		s.ready()
		s.give("realized", must(delay.Realized(ctx)))
	},
	"delay.claim": func(s *step) {
		delay, name, ctx := theCase.delays.take(s), s.text("lease"), s.timeout()
		s.ready()
		theCase.leases.free(name)
		claimed := must(delay.Claim(ctx))
		s.give("leased", claimed.Lease != nil)
		s.giveValue(claimed.Standing)
		if claimed.Lease != nil {
			s.give("token", claimed.Lease.Token())
			theCase.leases.keep(name, claimed.Lease)
		}
	},
	"delay.release": func(s *step) {
		name := s.text("delay")
		delay := theCase.delays.find(name)
		s.ready()
		check(delay.Close())
		delete(theCase.delays.all, name)
	},
	"body.calls": func(s *step) {
		body := theCase.bodies.take(s)
		s.ready()
		s.give("calls", body.began(0, 0))
	},
	// Waits until it was called so many times.
	"body.began": func(s *step) {
		body, calls, most := theCase.bodies.take(s), s.number("calls", 1), s.number("timeout", 0)
		s.ready()
		s.give("calls", body.began(calls, time.Duration(most)*time.Millisecond))
	},
	"body.end": func(s *step) {
		body := theCase.bodies.take(s)
		s.ready()
		body.end()
	},
	// Waits until the lease under which it runs is lost or has ended. A body of Go is told by its context, too.
	"body.lost": func(s *step) {
		body := theCase.bodies.take(s)
		ctx := s.within(s.number("timeout", 0))
		s.ready()
		running, lease := body.running()
		lost := must(lease.LostAsync(ctx).Get(ctx))
		if lost {
			<-running.Done()
			lost = errors.Is(context.Cause(running), exoref.ErrLease)
		}
		s.give("lost", lost)
	},
}

var leasePlayers = map[string]player{
	"lease.deliver": func(s *step) {
		lease, value, ctx := theCase.leases.take(s), s.bytes("value"), s.timeout()
		s.ready()
		s.giveValue(must(lease.Deliver(ctx, value)))
	},
	"lease.fail": func(s *step) {
		lease, ctx := theCase.leases.take(s), s.timeout()
		failure := &exoref.BodyFailure{Kind: s.text("kind"), Message: s.text("message"), Payload: s.bytesOr("payload", "")}
		s.ready()
		check(lease.Fail(ctx, failure))
	},
	"lease.renew": func(s *step) {
		lease, ctx := theCase.leases.take(s), s.timeout()
		s.ready()
		s.give("left_ms", must(lease.Renew(ctx)).Milliseconds())
	},
	// Waits until it is lost or has ended otherwise.
	"lease.lost": func(s *step) {
		lease, ctx := theCase.leases.take(s), s.within(s.number("timeout", 0))
		s.ready()
		s.give("lost", must(lease.LostAsync(ctx).Get(ctx)))
	},
	"lease.give_back": func(s *step) {
		lease, ctx := theCase.leases.take(s), s.timeout()
		s.ready()
		check(lease.GiveBack(ctx))
	},
}
