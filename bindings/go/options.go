package exoref

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Option is something that is said when a client or a reference is opened.
type Option func(*settings)

type settings struct {
	named     [][2]string
	codec     any // a Codec[T]
	validator any // a func(T) error
	logger    *slog.Logger
	atOnce    bool // do not wait for the connection
}

// With sets an option by its name and text, as all languages, the command and URLs know it: With("ttl", "1h"). OptionsTable lists them.
func With(name, text string) Option {
	return func(s *settings) { s.named = append(s.named, [2]string{name, text}) }
}

// WithCodec has the values of a reference encoded by this codec; JSON is the default. The reference carries the codec's label.
func WithCodec[T any](codec Codec[T]) Option { return func(s *settings) { s.codec = codec } }

// WithValidator has a function judge each value that is proposed through the reference's handle, the initial one too, before anything is
// sent. What it returns other than nil refuses the value: the call ends with ErrValidation, and that error as its cause.
func WithValidator[T any](judge func(proposed T) error) Option {
	return func(s *settings) { s.validator = judge }
}

// WithLogger has a client log, by default nowhere. Lines are passed on by a goroutine, so that a slow handler holds nothing up; it
// is left out of what a handler can't keep up with, which is counted in a line.
func WithLogger(logger *slog.Logger) Option { return func(s *settings) { s.logger = logger } }

// WithoutWaiting has Open return at once, while the client goes on connecting in the background: what is called meanwhile waits for it.
func WithoutWaiting() Option { return func(s *settings) { s.atOnce = true } }

func settingsOf(options []Option) *settings {
	s := new(settings)
	for _, option := range options {
		if option != nil {
			option(s)
		}
	}
	return s
}

func (s *settings) has(name string) bool {
	for _, one := range s.named {
		if one[0] == name {
			return true
		}
	}
	return false
}

// native makes the options object of C; the caller releases it.
func (s *settings) native() (uintptr, error) {
	var options uintptr
	if err := low.Exoref_options_new(&options); err != nil {
		return 0, errorOf(err)
	}
	for _, one := range s.named {
		if strings.IndexByte(one[0], 0) >= 0 || strings.IndexByte(one[1], 0) >= 0 {
			low.Exoref_options_release(options)
			return 0, invalid("the option %q=%q has a NUL in it", one[0], one[1])
		}
		if err := low.OptionsSet(options, one[0], one[1]); err != nil {
			low.Exoref_options_release(options)
			return 0, errorOf(err)
		}
	}
	return options, nil
}

// typed is what a reference of T was opened with.
type typed[T any] struct {
	codec    Codec[T]
	validate func(T) error
}

// of finds the codec and the validator of a reference of T, and adds the codec's label to the options.
func of[T any](s *settings) (*typed[T], error) {
	t := &typed[T]{codec: JSON[T]()}
	if s.logger != nil {
		return nil, invalid("WithLogger is for clients, not for references")
	}
	if s.atOnce {
		return nil, invalid("WithoutWaiting is for clients, not for references")
	}
	if s.codec != nil {
		codec, ok := s.codec.(Codec[T])
		if !ok {
			return nil, invalid("the codec %T is not for values of type %s", s.codec, typeName[T]())
		}
		t.codec = codec
	}
	if s.validator != nil {
		judge, ok := s.validator.(func(T) error)
		if !ok {
			return nil, invalid("the validator %T is not for values of type %s", s.validator, typeName[T]())
		}
		t.validate = judge
	}
	if label := t.codec.Label(); label != "" && !s.has("codec") {
		s.named = append(s.named, [2]string{"codec", label})
	}
	return t, nil
}

func typeName[T any]() string { return strings.TrimPrefix(fmt.Sprintf("%T", (*T)(nil)), "*") }

// OptionInfo is what the table says of one option.
type OptionInfo struct {
	Name, Scope, Type, Default, Range, Meaning, Alias, Since, Deprecated, Unsupported string

	Secret bool // its value is never shown
}

// OptionsTable lists all options.
func OptionsTable() []OptionInfo {
	table := make([]OptionInfo, low.Exoref_option_count())
	for n := range table {
		text := func(property int32) string { return low.OptionText(n, property) }
		table[n] = OptionInfo{
			Name: text(low.OptionName), Scope: text(low.OptionScope), Type: text(low.OptionType),
			Default: text(low.OptionDefault), Range: text(low.OptionRange), Meaning: text(low.OptionMeaning),
			Alias: text(low.OptionAlias), Since: text(low.OptionSince), Deprecated: text(low.OptionDeprecated),
			Unsupported: text(low.OptionUnsupported), Secret: text(low.OptionSecret) == "true",
		}
	}
	return table
}
