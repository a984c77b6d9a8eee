package main

import exoref "github.com/exoref/exoref/bindings/go"

var promisePlayers = map[string]player{
	"promise.open": func(s *step) {
		name, client, key, ctx := s.text("promise"), theCase.clientOf(s), string(s.bytes("key")), s.timeout()
		options := s.referenceOptions()
		s.ready()
		theCase.promises.free(name)
		promise := must(exoref.OpenPromise[[]byte](ctx, client, key, options...))
		s.give("created", promise.Created())
		theCase.promises.keep(name, promise)
	},
	"promise.deliver": func(s *step) {
		promise, value, ctx := theCase.promises.take(s), s.bytes("value"), s.timeout()
		future, isFuture := s.maybeText("future")
		s.ready()
		if isFuture {
			begun(future, promise.DeliverAsync(ctx, value), (*step).giveDelivery)
			return
		}
		s.giveDelivery(must(promise.Deliver(ctx, value)))
	},
	"promise.deref": func(s *step) {
		promise, ctx := theCase.promises.take(s), s.timeout()
		future, isFuture := s.maybeText("future")
		s.ready()
		if isFuture {
			begun(future, promise.DerefAsync(ctx), (*step).giveValue)
			return
		}
		s.giveValue(must(promise.DerefValue(ctx)))
	},
	"promise.realized": func(s *step) {
		promise, ctx := theCase.promises.take(s), s.timeout()
		s.ready()
		s.give("realized", must(promise.Realized(ctx)))
	},
	"promise.release": func(s *step) {
		name := s.text("promise")
		promise := theCase.promises.find(name)
		s.ready()
		check(promise.Close())
		delete(theCase.promises.all, name)
	},
}

func (s *step) giveDelivery(got exoref.Delivery[[]byte]) {
	s.give("delivered", got.Delivered)
	s.giveValue(got.Standing)
}
