package main

import (
	exoref "github.com/exoref/exoref/bindings/go"
	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Opening, reading, setting, validators, metadata. Changes that depend on the old value are in change.go.
var atomPlayers = map[string]player{
	"atom.create": func(s *step) {
		name, client, key, initial, ctx := s.text("atom"), theCase.clientOf(s), string(s.bytes("key")), s.bytes("value"), s.timeout()
		options := s.referenceOptions()
		s.ready()
		theCase.atoms.free(name)
		atom := must(exoref.CreateAtom(ctx, client, key, initial, options...))
		s.give("created", atom.Created())
		theCase.atoms.keep(name, atom)
	},
	"atom.open": func(s *step) {
		name, client, key, ctx := s.text("atom"), theCase.clientOf(s), string(s.bytes("key")), s.timeout()
		options := s.referenceOptions()
		s.ready()
		theCase.atoms.free(name)
		theCase.atoms.keep(name, must(exoref.OpenAtom[[]byte](ctx, client, key, options...)))
	},
	"atom.deref": func(s *step) {
		atom, ctx, save := theCase.atoms.take(s), s.timeout(), s.textOr("save", "")
		future, isFuture := s.maybeText("future")
		if s.negative(atom, low.Exoref_atom_deref_async) {
			return
		}
		s.ready()
		if isFuture {
			begun(future, atom.DerefAsync(ctx), (*step).giveValue)
			return
		}
		s.giveState(save, must(atom.DerefValue(ctx)))
	},
	"atom.reset": func(s *step) {
		atom, next, ctx, save := theCase.atoms.take(s), s.bytes("value"), s.timeout(), s.textOr("save", "")
		future, isFuture := s.maybeText("future")
		if s.negative(atom, func(atom uintptr, timeoutMs int64, future *uintptr) error {
			return low.AtomReset(atom, next, false, timeoutMs, future)
		}) {
			return
		}
		s.ready()
		if isFuture {
			begun(future, atom.ResetAsync(ctx, next), func(s *step, set exoref.Values[[]byte]) { s.giveValue(set.New) })
			return
		}
		s.giveState(save, must(atom.Reset(ctx, next)))
	},
	"atom.reset_vals": func(s *step) {
		atom, next, ctx, save := theCase.atoms.take(s), s.bytes("value"), s.timeout(), s.textOr("save", "")
		future, isFuture := s.maybeText("future")
		s.ready()
		if isFuture {
			begun(future, atom.ResetAsync(ctx, next), (*step).giveValues)
			return
		}
		set := must(atom.ResetVals(ctx, next))
		s.giveOld(set.Old)
		s.giveState(save, set.New)
	},
	"atom.set_validator": func(s *step) {
		atom, ctx, validator := theCase.atoms.take(s), s.timeout(), s.takeFunction("validator", false)
		s.ready()
		if validator == nil {
			check(atom.SetValidator(ctx, nil))
			return
		}
		check(atom.SetValidator(ctx, validator.judge))
	},
	"atom.meta": func(s *step) {
		atom, ctx := theCase.atoms.take(s), s.timeout()
		s.ready()
		s.give("value", toWire(must(atom.Meta(ctx))))
	},
	"atom.reset_meta": func(s *step) {
		atom, next, ctx := theCase.atoms.take(s), s.bytes("value"), s.timeout()
		s.ready()
		check(atom.ResetMeta(ctx, next))
	},
	"atom.alter_meta": func(s *step) {
		atom, ctx, function := theCase.atoms.take(s), s.timeout(), s.takeFunction("function", true)
		s.ready()
		s.give("value", toWire(must(atom.AlterMeta(ctx, function.compute))))
		s.give("calls", function.calls.Load())
	},
	"atom.release": func(s *step) {
		name := s.text("atom")
		atom := theCase.atoms.find(name)
		s.ready()
		check(atom.Close())
		delete(theCase.atoms.all, name)
	},
}

func (s *step) giveValues(set exoref.Values[[]byte]) {
	s.giveOld(set.Old)
	s.giveValue(set.New)
}
