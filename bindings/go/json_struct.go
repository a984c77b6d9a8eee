package exoref

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// jsonField is a field of a struct as encoding/json sees it.
type jsonField struct {
	name                         string
	index                        []int
	tagged                       bool
	omitEmpty, omitZero, asQuote bool
}

var structFields sync.Map // reflect.Type -> []jsonField

func fieldsOf(t reflect.Type) []jsonField {
	if known, ok := structFields.Load(t); ok {
		return known.([]jsonField)
	}
	fields := dominant(collectFields(t, nil, map[reflect.Type]bool{}))
	structFields.Store(t, fields)
	return fields
}

// collectFields finds the fields of a struct and of what is embedded in it.
func collectFields(t reflect.Type, index []int, outer map[reflect.Type]bool) []jsonField {
	if outer[t] {
		return nil
	}
	outer[t] = true
	defer delete(outer, t)
	var fields []jsonField
	for i := range t.NumField() {
		field := t.Field(i)
		inner := field.Type
		if inner.Kind() == reflect.Pointer && inner.Name() == "" {
			inner = inner.Elem()
		}
		if !field.IsExported() && !(field.Anonymous && inner.Kind() == reflect.Struct) {
			continue
		}
		tag := field.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if !validName(name) {
			name = ""
		}
		path := append(slices.Clone(index), i)
		if name == "" && field.Anonymous && inner.Kind() == reflect.Struct {
			fields = append(fields, collectFields(inner, path, outer)...)
			continue
		}
		one := jsonField{name: name, index: path, tagged: name != ""}
		if name == "" {
			one.name = field.Name
		}
		for _, option := range strings.Split(options, ",") {
			one.omitEmpty = one.omitEmpty || option == "omitempty"
			one.omitZero = one.omitZero || option == "omitzero"
			one.asQuote = one.asQuote || option == "string" && quotable(inner.Kind())
		}
		fields = append(fields, one)
	}
	return fields
}

func validName(name string) bool {
	for _, c := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return name != ""
}

func quotable(kind reflect.Kind) bool {
	return kind >= reflect.Bool && kind <= reflect.Float64 || kind == reflect.String
}

// dominant leaves one field for each name: the least deeply embedded one, of several the one with a tag; of several such none.
func dominant(all []jsonField) []jsonField {
	var kept []jsonField
	for _, one := range all {
		wins := true
		for _, other := range all {
			if other.name != one.name || slices.Equal(other.index, one.index) {
				continue
			}
			deeper := len(other.index) > len(one.index)
			weaker := len(other.index) == len(one.index) && one.tagged && !other.tagged
			wins = wins && (deeper || weaker)
		}
		if wins {
			kept = append(kept, one)
		}
	}
	return kept
}

func appendStruct(out []byte, v reflect.Value, depth int) ([]byte, error) {
	out = append(out, '{')
	first := true
	var err error
fields:
	for _, field := range fieldsOf(v.Type()) {
		inner := v
		for _, i := range field.index {
			if inner.Kind() == reflect.Pointer {
				if inner.IsNil() {
					continue fields
				}
				inner = inner.Elem()
			}
			inner = inner.Field(i)
		}
		if field.omitEmpty && empty(inner) || field.omitZero && zero(inner) {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		if out, err = appendString(out, field.name); err != nil {
			return nil, err
		}
		out = append(out, ':')
		if field.asQuote {
			out, err = appendQuoted(out, inner, depth)
		} else {
			out, err = appendNested(out, inner, depth+1)
		}
		if err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

// appendQuoted is the option "string": a text that is what encoding/json would write.
func appendQuoted(out []byte, v reflect.Value, depth int) ([]byte, error) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return append(out, "null"...), nil
		}
		v = v.Elem()
	}
	if t := v.Type(); t.Implements(marshalerType) || reflect.PointerTo(t).Implements(marshalerType) ||
		t.Implements(textMarshalerType) || reflect.PointerTo(t).Implements(textMarshalerType) {
		return appendNested(out, v, depth+1)
	}
	if v.Kind() == reflect.String {
		if _, err := appendText(nil, v); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return nil, err
	}
	return appendString(out, string(text))
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// zero is what omitzero leaves out: what says so of itself, or is the zero value.
func zero(v reflect.Value) bool {
	type zeroer interface{ IsZero() bool }
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return true
	}
	if v.CanAddr() {
		if z, ok := v.Addr().Interface().(zeroer); ok {
			return z.IsZero()
		}
	}
	if z, ok := v.Interface().(zeroer); ok {
		return z.IsZero()
	}
	return v.IsZero()
}
