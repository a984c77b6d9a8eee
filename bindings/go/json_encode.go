package exoref

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// encoding/json writes the float 1.0 as 1, which is another value in canonical JSON, and puts U+FFFD for what is no UTF-8; it has no way
// to be told otherwise. So values are walked here, by its rules: tags, embedded structs, marshalers. What comes out is brought into the
// canonical form afterwards, which also refuses what a marshaler writes that is no JSON.

const mostNested = 4000 // canonical JSON ends at 512 levels, of which each may be an interface and a pointer; cycles end here

var (
	marshalerType     = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	numberType        = reflect.TypeFor[json.Number]()
	errNested         = errors.New("it is nested too deep, or refers to itself")
)

func appendJSON(out []byte, v reflect.Value) ([]byte, error) { return appendNested(out, v, 0) }

func appendNested(out []byte, v reflect.Value, depth int) ([]byte, error) {
	if depth > mostNested {
		return nil, errNested
	}
	if !v.IsValid() {
		return append(out, "null"...), nil
	}
	if out, done, err := appendMarshaled(out, v); done || err != nil {
		return out, err
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(out, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(out, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(out, v.Uint(), 10), nil
	case reflect.Float32:
		return appendFloat(out, v.Float(), 32)
	case reflect.Float64:
		return appendFloat(out, v.Float(), 64)
	case reflect.String:
		return appendText(out, v)
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return append(out, "null"...), nil
		}
		return appendNested(out, v.Elem(), depth+1)
	case reflect.Struct:
		return appendStruct(out, v, depth)
	case reflect.Map:
		return appendMap(out, v, depth)
	case reflect.Slice:
		if v.IsNil() {
			return append(out, "null"...), nil
		}
		if isBytes(v.Type()) {
			out = append(out, '"')
			out = base64.StdEncoding.AppendEncode(out, v.Bytes())
			return append(out, '"'), nil
		}
		return appendArray(out, v, depth)
	case reflect.Array:
		return appendArray(out, v, depth)
	}
	return nil, &json.UnsupportedTypeError{Type: v.Type()}
}

// isBytes tells whether encoding/json writes it in base64.
func isBytes(t reflect.Type) bool {
	if t.Elem().Kind() != reflect.Uint8 {
		return false
	}
	p := reflect.PointerTo(t.Elem())
	return !p.Implements(marshalerType) && !p.Implements(textMarshalerType)
}

// appendMarshaled is for types that say themselves how they are written.
func appendMarshaled(out []byte, v reflect.Value) ([]byte, bool, error) {
	t := v.Type()
	if t.Kind() == reflect.Interface {
		return out, false, nil // its content is asked
	}
	if v.CanAddr() && t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(marshalerType) {
		v, t = v.Addr(), reflect.PointerTo(t)
	}
	if t.Implements(marshalerType) {
		if t.Kind() == reflect.Pointer && v.IsNil() {
			return append(out, "null"...), true, nil
		}
		text, err := v.Interface().(json.Marshaler).MarshalJSON()
		if err != nil {
			return nil, true, fmt.Errorf("MarshalJSON of %s: %w", t, err)
		}
		return append(out, text...), true, nil
	}
	if v.CanAddr() && t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(textMarshalerType) {
		v, t = v.Addr(), reflect.PointerTo(t)
	}
	if t.Implements(textMarshalerType) {
		if t.Kind() == reflect.Pointer && v.IsNil() {
			return append(out, "null"...), true, nil
		}
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return nil, true, fmt.Errorf("MarshalText of %s: %w", t, err)
		}
		out, err = appendString(out, string(text))
		return out, true, err
	}
	return out, false, nil
}

// appendFloat always writes an exponent, which the canonical form turns into what is usual.
func appendFloat(out []byte, f float64, bits int) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, &json.UnsupportedValueError{Value: reflect.ValueOf(f), Str: strconv.FormatFloat(f, 'g', -1, bits)}
	}
	return strconv.AppendFloat(out, f, 'e', -1, bits), nil
}

func appendText(out []byte, v reflect.Value) ([]byte, error) {
	if v.Type() != numberType {
		return appendString(out, v.String())
	}
	number := v.String()
	if number == "" {
		number = "0"
	}
	if !json.Valid([]byte(number)) || number[0] != '-' && (number[0] < '0' || number[0] > '9') {
		return nil, fmt.Errorf("invalid number literal %q", number)
	}
	return append(out, number...), nil
}

func appendString(out []byte, text string) ([]byte, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("the string %q is not UTF-8", text)
	}
	out = append(out, '"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < 0x20:
			out = append(out, fmt.Sprintf(`\u%04x`, c)...)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"'), nil
}

func appendArray(out []byte, v reflect.Value, depth int) ([]byte, error) {
	out = append(out, '[')
	var err error
	for i := range v.Len() {
		if i > 0 {
			out = append(out, ',')
		}
		if out, err = appendNested(out, v.Index(i), depth+1); err != nil {
			return nil, err
		}
	}
	return append(out, ']'), nil
}

func appendMap(out []byte, v reflect.Value, depth int) ([]byte, error) {
	if v.IsNil() {
		return append(out, "null"...), nil
	}
	out = append(out, '{')
	entries := v.MapRange()
	for first := true; entries.Next(); first = false {
		if !first {
			out = append(out, ',')
		}
		key, err := mapKey(entries.Key())
		if err != nil {
			return nil, err
		}
		if out, err = appendString(out, key); err != nil {
			return nil, err
		}
		out = append(out, ':')
		if out, err = appendNested(out, entries.Value(), depth+1); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

func mapKey(v reflect.Value) (string, error) {
	if v.Kind() == reflect.String {
		return v.String(), nil
	}
	if marshaler, ok := v.Interface().(encoding.TextMarshaler); ok {
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return "", nil
		}
		text, err := marshaler.MarshalText()
		return string(text), err
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(v.Uint(), 10), nil
	}
	return "", &json.UnsupportedTypeError{Type: v.Type()}
}
