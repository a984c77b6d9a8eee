package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
)

// step is a step's fields, and what it gives. Who plays it takes the fields, then calls ready, which refuses what nobody took, and only
// then does something.
type step struct {
	fields  map[string]any
	taken   map[string]bool
	results map[string]any
}

func parse(line []byte) *step {
	s := &step{taken: map[string]bool{}, results: map[string]any{}}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	if err := decoder.Decode(&s.fields); err != nil {
		panic(faultf("no JSON: %v", err))
	}
	return s
}

func (s *step) take(name string) (any, bool) {
	s.taken[name] = true
	field, ok := s.fields[name]
	return field, ok
}

func (s *step) maybeText(name string) (string, bool) {
	field, ok := s.take(name)
	if !ok {
		return "", false
	}
	text, isText := field.(string)
	if !isText {
		panic(faultf("%s is no text", name))
	}
	return text, true
}

func (s *step) textOr(name, otherwise string) string {
	if text, ok := s.maybeText(name); ok {
		return text
	}
	return otherwise
}

func (s *step) text(name string) string {
	text, ok := s.maybeText(name)
	if !ok {
		panic(faultf("field %q is missing", name))
	}
	return text
}

func (s *step) bytes(name string) []byte { return fromWire(s.text(name)) }

func (s *step) bytesOr(name, otherwise string) []byte { return fromWire(s.textOr(name, otherwise)) }

func (s *step) number(name string, otherwise int64) int64 {
	field, ok := s.take(name)
	if !ok {
		return otherwise
	}
	number, isNumber := field.(json.Number)
	if !isNumber {
		panic(faultf("%s is no number", name))
	}
	n, err := number.Int64()
	if err != nil {
		panic(faultf("%s is no whole number", name))
	}
	return n
}

// timeout is the step's field as a context. Left out it is the client's own time, which waits don't know in Go: they get it here.
func (s *step) timeout() context.Context { return s.within(s.number("timeout", -2)) }

func (s *step) within(ms int64) context.Context {
	switch {
	case ms == -1:
		return context.Background()
	case ms == -2:
		return deadline(theCase.usual)
	}
	return deadline(time.Duration(ms) * time.Millisecond)
}

func deadline(most time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	theCase.atEnd = append(theCase.atEnd, cancel)
	return ctx
}

// options takes the options of a step. Values are bytes, whatever label they carry.
func (s *step) options() []exoref.Option {
	out := []exoref.Option{}
	field, ok := s.take("options")
	if !ok {
		return out
	}
	named, isObject := field.(map[string]any)
	if !isObject {
		panic(faultf("options is no object"))
	}
	for name, text := range named {
		out = append(out, exoref.With(name, text.(string)))
	}
	return out
}

func (s *step) ready() {
	for name := range s.fields {
		if !s.taken[name] {
			panic(faultf("unknown field %q", name))
		}
	}
}

func (s *step) give(name string, what any) { s.results[name] = what }

type value = *exoref.Value[[]byte]

func (s *step) giveValue(v value) {
	if v != nil {
		s.give("value", toWire(v.Bytes()))
		s.give("version", v.Version())
		s.give("codec", v.Codec())
	}
}

func (s *step) giveOld(v value) {
	if v != nil {
		s.give("old", toWire(v.Bytes()))
		s.give("old_version", v.Version())
	}
}

// giveState gives the value, and keeps it under the name of the field `save`, if that was there.
func (s *step) giveState(save string, v value) {
	s.giveValue(v)
	if save != "" && v != nil {
		theCase.states.keep(save, v)
	}
}

func fromWire(text string) []byte {
	out := []byte{}
	for len(text) > 0 {
		if text[0] != '%' {
			out, text = append(out, text[0]), text[1:]
			continue
		}
		if len(text) < 3 {
			panic(faultf("not percent-encoded: %s", text))
		}
		one, err := hex.DecodeString(text[1:3])
		if err != nil {
			panic(faultf("not percent-encoded: %s", text))
		}
		out, text = append(out, one...), text[3:]
	}
	return out
}

func toWire(data []byte) string {
	const digits = "0123456789abcdef"
	var out strings.Builder
	for _, c := range data {
		if c >= 0x20 && c < 0x7f && !strings.ContainsRune(`%"\`, rune(c)) {
			out.WriteByte(c)
		} else {
			out.WriteByte('%')
			out.WriteByte(digits[c>>4])
			out.WriteByte(digits[c&15])
		}
	}
	return out.String()
}
