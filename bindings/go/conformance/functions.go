package main

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync/atomic"

	exoref "github.com/exoref/exoref/bindings/go"
)

// function is what cases name: for swaps and metadata, and for validators.
type function struct {
	does      string
	argument  []byte
	message   string
	meanwhile func() // what another does while the function runs for the first time
	calls     atomic.Int64
}

var functions = map[string]bool{
	"inc": true, "append": true, "set": true, "keep": true, "fail": true, "decline": true,
	"accept": true, "refuse": true, "refuse_value": true, "at_most": true,
}

// takeFunction takes the function of a step; nil if the field is absent.
func (s *step) takeFunction(field string, ofMeta bool) *function {
	does, ok := s.maybeText(field)
	if !ok {
		return nil
	}
	if !functions[does] {
		panic(faultf("no function %q", does))
	}
	f := &function{does: does, argument: s.bytesOr("argument", ""), message: s.textOr("message", "")}
	if name, ok := s.maybeText("meanwhile_atom"); ok {
		other, next := theCase.atoms.find(name), s.bytes("meanwhile_value")
		f.meanwhile = func() {
			if ofMeta {
				check(other.ResetMeta(context.Background(), next))
			} else {
				must(other.Reset(context.Background(), next))
			}
		}
	}
	return f
}

func (f *function) compute(old []byte) ([]byte, error) {
	if f.calls.Add(1) == 1 && f.meanwhile != nil {
		f.meanwhile()
	}
	switch f.does {
	case "inc":
		n, err := strconv.ParseInt(string(old), 10, 64)
		return strconv.AppendInt(nil, n+1, 10), err
	case "append":
		return append(old, f.argument...), nil
	case "keep":
		return old, nil
	case "set":
		return f.argument, nil
	case "decline":
		return nil, exoref.ErrDeclined
	}
	return nil, errors.New(f.message)
}

func (f *function) judge(proposed []byte) error {
	most, _ := strconv.Atoi(string(f.argument))
	switch {
	case f.does == "accept",
		f.does == "refuse_value" && !bytes.Equal(proposed, f.argument),
		f.does == "at_most" && len(proposed) <= most:
		return nil
	}
	return errors.New(f.message)
}

// referenceOptions are the options of a step, its validator among them.
func (s *step) referenceOptions() []exoref.Option {
	options := append(s.options(), exoref.WithCodec(exoref.Bytes))
	if validator := s.takeFunction("validator", false); validator != nil {
		options = append(options, exoref.WithValidator(validator.judge))
	}
	return options
}
