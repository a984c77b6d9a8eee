// Command conformance is Go's agent of the conformance suite: it plays one step a line upon this package (docs/conformance.md).
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"

	exoref "github.com/exoref/exoref/bindings/go"
	"github.com/exoref/exoref/bindings/go/internal/low"
)

// fault is a step that can't be played: a mistake of the case or of this agent, not a result.
type fault string

func (f fault) Error() string { return string(f) }

func faultf(format string, arguments ...any) fault { return fault(fmt.Sprintf(format, arguments...)) }

// must gives the result, or ends the step with the error.
func must[R any](result R, err error) R {
	check(err)
	return result
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

type player func(*step)

func allPlayers() map[string]player {
	all := map[string]player{
		"hello":    func(s *step) { s.ready(); s.give("language", "go") },
		"case.end": func(s *step) { s.ready(); theCase.end() },
	}
	for _, some := range []map[string]player{
		clientPlayers, atomPlayers, changePlayers, watchPlayers, promisePlayers, delayPlayers, leasePlayers, futurePlayers,
	} {
		maps.Copy(all, some)
	}
	return all
}

// answer plays the step of a line.
func answer(players map[string]player, line []byte) (out map[string]any) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case error:
			out = errorOf(thrown)
		default:
			panic(thrown)
		}
	}()
	s := parse(line)
	op := s.text("op")
	play, known := players[op]
	if !known {
		return map[string]any{"fault": "unknown step " + op}
	}
	play(s)
	return map[string]any{"ok": s.results}
}

func errorOf(err error) map[string]any {
	var e *exoref.Error
	var failure *low.Failure
	if errors.As(err, &failure) {
		e = &exoref.Error{Status: exoref.Status(failure.Status), Message: failure.Message}
	} else if !errors.As(err, &e) {
		return map[string]any{"fault": err.Error()}
	}
	out := map[string]any{"status": e.Status.String(), "message": e.Message}
	if e.Status == exoref.ErrBody {
		out["kind"], out["payload"] = e.Kind, toWire(e.Payload)
	}
	return map[string]any{"error": out}
}

func main() {
	players := allPlayers()
	in := bufio.NewReaderSize(os.Stdin, 1<<16)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		if err := out.Encode(answer(players, line)); err != nil {
			break
		}
	}
	theCase.end()
}
