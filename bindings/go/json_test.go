package exoref

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The table that all languages run: what can be read is written in the canonical form.
func TestTableOfCanonicalJSON(t *testing.T) {
	type text struct {
		plain  string
		Base64 string   `json:"base64"`
		Parts  [][2]any `json:"parts"`
	}
	textOf := func(raw json.RawMessage) []byte {
		var one text
		if json.Unmarshal(raw, &one.plain) == nil {
			return []byte(one.plain)
		}
		check(t, json.Unmarshal(raw, &one))
		if one.Parts == nil {
			return must(base64.StdEncoding.DecodeString(one.Base64))(t)
		}
		var out strings.Builder
		for _, part := range one.Parts {
			out.WriteString(strings.Repeat(part[0].(string), int(part[1].(float64))))
		}
		return []byte(out.String())
	}
	var table struct {
		Cases []struct {
			Name             string
			Input, Canonical json.RawMessage
			Error            string
		}
	}
	check(t, json.Unmarshal(must(os.ReadFile("../../tests/conformance/json_cases.json"))(t), &table))
	codec := JSON[any]()
	read := 0
	for _, one := range table.Cases {
		input := textOf(one.Input)
		value, err := codec.Decode(input)
		if one.Error != "" {
			if err == nil {
				t.Errorf("%s: %q was read as %v", one.Name, input, value)
			}
			if canonical, err := JSONCanonical(input); !errors.Is(err, ErrInvalid) {
				t.Errorf("%s: made %q of it, %v", one.Name, canonical, err)
			}
			continue
		}
		if err != nil { // it refuses loudly what it can't read
			t.Logf("%s: %v", one.Name, err)
			continue
		}
		read++
		written, err := codec.Encode(value)
		if expected := textOf(one.Canonical); err != nil || string(written) != string(expected) {
			t.Errorf("%s: %q was written as %q, not %q (%v)", one.Name, input, written, expected, err)
		}
	}
	if read < 150 {
		t.Fatalf("only %d cases were read", read)
	}
}

func TestHowValuesAreWritten(t *testing.T) {
	negativeZero := math.Copysign(0, -1)
	large, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for _, one := range []struct {
		value    any
		expected string
	}{
		{nil, "null"}, {true, "true"}, {0, "0"}, {-1, "-1"}, {int64(math.MinInt64), "-9223372036854775808"},
		{uint64(math.MaxUint64), "18446744073709551615"}, {large, "123456789012345678901234567890"},
		{1.0, "1.0"}, {float32(0.1), "0.1"}, {negativeZero, "-0.0"}, {1e308, "1e+308"}, {5e-324, "5e-324"}, {1e21, "1e+21"}, {100.0, "100.0"},
		{"", `""`}, {"a\x00b", `"a\u0000b"`}, {`<&>"\`, `"<&>\"\\"`}, {"\u2028é😀\x7f", "\"\u2028é😀\x7f\""},
		{[]byte("\x00\xff"), `"AP8="`}, {[]int(nil), "null"}, {[]int{}, "[]"}, {[2]float64{1, 2.5}, "[1.0,2.5]"},
		{map[string]any{"b": 1, "a": 1.0}, `{"a":1.0,"b":1}`}, {map[int]string{10: "x", 9: "y"}, `{"10":"x","9":"y"}`},
		{json.Number("1.0"), "1.0"}, {json.Number("12345678901234567890"), "12345678901234567890"}, {json.Number(""), "0"},
		{json.RawMessage(`{ "b": 1, "a": 1e2 }`), `{"a":100.0,"b":1}`},
		{struct { // which encoding/json knows from Go 1.24 on
			A time.Time `json:",omitzero"`
			B maybe     `json:",omitzero"`
			C maybe     `json:",omitzero"`
			D *maybe    `json:",omitzero"`
		}{B: maybe{7}, C: maybe{1}}, `{"C":{}}`},
		{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), `"2026-01-02T03:04:05Z"`}, {netip.MustParseAddr("::1"), `"::1"`},
	} {
		written, err := JSON[any]().Encode(one.value)
		if err != nil || string(written) != one.expected {
			t.Errorf("%v (%T): %s, not %s (%v)", one.value, one.value, written, one.expected, err)
		}
	}
}

func TestWhatCanNotBeWrittenIsRefused(t *testing.T) {
	type cyclic struct{ Next *cyclic }
	loop := &cyclic{}
	loop.Next = loop
	deep := any(1)
	for range 600 {
		deep = []any{deep}
	}
	for _, value := range []any{
		math.NaN(), math.Inf(1), math.Inf(-1), "\xff", "\xed\xa0\x80", map[string]int{"\xff": 1}, []string{"a\xc3"},
		make(chan int), func() {}, complex(1, 2), loop, deep, json.Number("NaN"), json.Number("1 2"), json.Number(`"a"`),
		json.RawMessage(`"\ud800"`), map[[1]int]int{{1}: 1},
	} {
		if written, err := JSON[any]().Encode(value); err == nil {
			t.Errorf("%T was written as %s", value, written)
		}
	}
}

func TestAllOfUnicodeRoundTrips(t *testing.T) {
	client, ctx := open(t), within(t)
	var all strings.Builder
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if utf8.ValidRune(r) {
			all.WriteRune(r)
		}
	}
	atom := must(CreateAtom(ctx, client, fresh(t), all.String()))(t)
	same(t, "as JSON", must(atom.Deref(ctx))(t) == all.String(), true)
	text := must(CreateAtom(ctx, client, fresh(t), all.String(), WithCodec(String)))(t)
	same(t, "as a string", must(text.Deref(ctx))(t) == all.String(), true)
}

func TestWhatIsReadWronglyIsRefused(t *testing.T) {
	client, ctx := open(t), within(t)
	for _, bytes := range []string{`"\ud800"`, "\"\xff\"", `1 2`, ``, `{`, `1e400`, `"text"`, `1.0`} {
		key := fresh(t)
		must(CreateAtom(ctx, client, key, []byte(bytes), WithCodec(Bytes)))(t)
		value, err := must(OpenAtom[int64](ctx, client, key))(t).Deref(ctx)
		var e *DecodeError
		if !errors.As(err, &e) || string(e.Bytes) != bytes {
			t.Errorf("%q was read as %v, %v", bytes, value, err)
		}
	}
	text := must(CreateAtom(ctx, client, fresh(t), []byte("\xff"), WithCodec(Bytes)))(t)
	_, err := must(OpenAtom[string](ctx, client, text.Key(), WithCodec(String)))(t).Deref(ctx)
	var e *DecodeError
	same(t, "no UTF-8", errors.As(err, &e), true)
	_, err = must(OpenAtom[string](ctx, client, fresh(t), WithCodec(String), With("absent", "allow")))(t).Reset(ctx, "\xff")
	same(t, "no UTF-8", errors.Is(err, ErrInvalid), true)
}

func TestLargeIntegersAreExactInAnAny(t *testing.T) {
	client, ctx := open(t), within(t)
	const large = "123456789012345678901234567890"
	atom := must(CreateAtom[any](ctx, client, fresh(t), json.Number(large)))(t)
	got := must(atom.Deref(ctx))(t)
	same(t, "value", got, any(json.Number(large)))
	same(t, "swapped", must(atom.CompareAndSet(ctx, got, nil))(t).Swapped, true)
	same(t, "null", must(atom.Deref(ctx))(t), nil)
}

// Types whose rules are those of encoding/json: apart from the floats, the same must come out.
type (
	inner  struct{ A, b int }
	Outer  struct{ A, C string }
	tagged struct {
		X int `json:"A"`
	}
	textual  struct{ n int }
	pointing struct{ n int }
	maybe    struct{ n int }
)

func (t textual) MarshalText() ([]byte, error)   { return []byte{'t', byte('0' + t.n)}, nil }
func (p *pointing) MarshalJSON() ([]byte, error) { return []byte(`{"p":1}`), nil }
func (m maybe) IsZero() bool                     { return m.n == 7 }

func TestWritesWhatEncodingJSONWrites(t *testing.T) {
	n := 5
	for _, value := range []any{
		struct {
			inner
			*Outer
			D int
		}{inner{1, 2}, &Outer{"a", "c"}, 3},
		struct {
			*Outer
			D int
		}{nil, 3},
		struct {
			inner
			tagged
		}{inner{1, 2}, tagged{3}},
		struct {
			inner `json:"named"`
			E     int `json:",omitempty"`
			F     int `json:"-"`
			G     int `json:"-,"`
			H     int `json:"bad\"name"`
			i     int
		}{inner{1, 2}, 0, 1, 2, 3, 4},
		struct {
			A []int          `json:",omitempty"`
			B map[string]int `json:",omitempty"`
			C *int           `json:",omitempty"`
			D any            `json:",omitempty"`
			E [0]int         `json:",omitempty"`
			F struct{}       `json:",omitempty"`
			G string         `json:",omitempty"`
			H bool           `json:",omitempty"`
		}{},
		struct {
			A int    `json:",string"`
			B bool   `json:",string"`
			C string `json:",string"`
			D *int   `json:",string"`
			E *int   `json:",string"`
			F []int  `json:",string"`
		}{1, true, "a\"b", &n, nil, []int{1}},
		map[textual]int{{1}: 1, {2}: 2}, []textual{{3}}, []*textual{nil, {4}},
		[]pointing{{1}}, &pointing{}, pointing{}, map[string]pointing{"a": {}}, (*pointing)(nil),
		[]any{1, "a", nil, []byte{1, 2}, map[string]any{"x": []int{1}}}, [3]byte{1, 2, 3},
		&struct{ P pointing }{}, struct{ P pointing }{}, struct{ I any }{&n},
	} {
		plain, err := json.Marshal(value)
		check(t, err)
		if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer && !v.IsNil() {
			plain = must(json.Marshal(value))(t)
		}
		expected := must(JSONCanonical(plain))(t)
		written, err := JSON[any]().Encode(value)
		if err != nil || string(written) != string(expected) {
			t.Errorf("%T: %s, not %s (%v)", value, written, expected, err)
		}
	}
}

func FuzzFloats(f *testing.F) {
	f.Add(1.0)
	f.Add(-0.1)
	f.Add(1e-7)
	codec := JSON[float64]()
	f.Fuzz(func(t *testing.T, value float64) {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			t.Skip()
		}
		data := must(codec.Encode(value))(t)
		back := must(codec.Decode(data))(t)
		if math.Float64bits(back) != math.Float64bits(value) || !strings.ContainsAny(string(data), ".e") {
			t.Fatalf("%v became %s", value, data)
		}
	})
}

// backwards is a codec of an application: the text from behind.
type backwards struct{}

func (backwards) Label() string { return "backwards" }
func (backwards) Encode(value string) ([]byte, error) {
	data := []byte(value)
	slices.Reverse(data)
	return data, nil
}
func (c backwards) Decode(data []byte) (string, error) {
	text, err := c.Encode(string(data))
	return string(text), err
}

func TestACodecOfOnesOwn(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), "abc", WithCodec[string](backwards{})))(t)
	set := must(atom.DerefValue(ctx))(t)
	same(t, "bytes", set.String(), "cba")
	same(t, "label", set.Codec(), "backwards")
	same(t, "swapped", must(atom.CompareAndSet(ctx, "abc", "def"))(t).Swapped, true)
	same(t, "value", must(atom.Swap(ctx, func(s string) (string, error) { return s + "!", nil }))(t), "def!")
	_, err := OpenAtom[string](ctx, client, atom.Key())
	same(t, "JSON is another", errors.Is(err, ErrCodec), true)
}
