package main

import exoref "github.com/exoref/exoref/bindings/go"

var changePlayers = map[string]player{
	"atom.compare_and_set": func(s *step) {
		atom, expected, next, ctx, save := theCase.atoms.take(s), s.bytes("expected"), s.bytes("value"), s.timeout(), s.textOr("save", "")
		future, isFuture := s.maybeText("future")
		s.ready()
		if isFuture {
			begun(future, atom.CompareAndSetAsync(ctx, expected, next), func(s *step, got exoref.Compared[[]byte]) { s.giveCompared("", got) })
			return
		}
		s.giveCompared(save, must(atom.CompareAndSet(ctx, expected, next)))
	},
	"atom.compare_and_set_at": func(s *step) {
		atom, state, next, ctx, save := theCase.atoms.take(s), theCase.states.take(s), s.bytes("value"), s.timeout(), s.textOr("save", "")
		s.ready()
		s.giveCompared(save, must(atom.CompareAndSetAt(ctx, state, next)))
	},
	"state.same": func(s *step) {
		state, other := theCase.states.take(s), theCase.states.find(s.text("other"))
		s.ready()
		s.give("same", state.SameState(other))
	},
	"atom.swap": func(s *step) {
		atom, ctx, save, function := theCase.atoms.take(s), s.timeout(), s.textOr("save", ""), s.takeFunction("function", false)
		future, isFuture := s.maybeText("future")
		s.ready()
		if isFuture {
			begun(future, atom.SwapAsync(ctx, function.compute), func(s *step, set exoref.Values[[]byte]) {
				s.giveValues(set)
				s.give("calls", function.calls.Load())
			})
			return
		}
		set := must(atom.SwapVals(ctx, function.compute))
		s.giveState(save, set.New)
		s.give("calls", function.calls.Load())
	},
	"atom.swap_vals": func(s *step) {
		atom, ctx, save, function := theCase.atoms.take(s), s.timeout(), s.textOr("save", ""), s.takeFunction("function", false)
		s.ready()
		set := must(atom.SwapVals(ctx, function.compute))
		s.giveOld(set.Old)
		s.giveState(save, set.New)
		s.give("calls", function.calls.Load())
	},
	"swap.begin": func(s *step) {
		name, save, atom, ctx := s.text("swap"), s.textOr("save", ""), theCase.atoms.take(s), s.timeout()
		s.ready()
		theCase.swaps.free(name)
		swap := must(atom.BeginSwap(ctx))
		theCase.swaps.keep(name, swap)
		s.giveState(save, swap.Value())
	},
	"swap.offer": func(s *step) {
		swap, next, ctx, save := theCase.swaps.take(s), s.bytes("value"), s.timeout(), s.textOr("save", "")
		s.ready()
		s.give("done", must(swap.Offer(ctx, next)))
		s.giveState(save, swap.Value())
	},
	"swap.confirm": func(s *step) {
		swap, ctx, save := theCase.swaps.take(s), s.timeout(), s.textOr("save", "")
		s.ready()
		s.give("done", must(swap.Confirm(ctx)))
		s.giveState(save, swap.Value())
	},
}

func (s *step) giveCompared(save string, got exoref.Compared[[]byte]) {
	s.give("swapped", got.Swapped)
	s.giveState(save, got.Standing)
}
