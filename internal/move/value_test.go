package move

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadingWhatSQLiteHas(t *testing.T) {
	at := time.Date(2026, 11, 26, 10, 30, 0, 123456000, time.UTC)
	for _, tt := range []struct {
		name string
		kind kind
		raw  any
		want any
		err  string
	}{
		{"a number is a truth value", kindBool, int64(1), true, ""},
		{"a default that was taken for text is one too", kindBool, "false", false, ""},
		{"two is none", kindBool, int64(2), nil, "is neither true nor false"},
		{"a time of the driver", kindTime, "2026-11-26 10:30:00.123456789+00:00", at, ""},
		{"a time with a zone is the same moment", kindTime, "2026-11-26 12:30:00.123456+02:00", at, ""},
		{"a time of CURRENT_TIMESTAMP", kindTime, "2026-11-26 10:30:00", at.Truncate(time.Second), ""},
		{"a time as time.Time prints it", kindTime, "2026-11-26 10:30:00.123456 +0000 UTC m=+0.1", at, ""},
		{"the zero time", kindTime, "0001-01-01 00:00:00+00:00", time.Time{}, ""},
		{"the name of a default in quotes is no time", kindTime, "CURRENT_TIMESTAMP", time.Time{}, ""},
		{"the far future", kindTime, "9999-12-31 23:59:59.999999+00:00", time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC), ""},
		{"seconds since 1970", kindTime, int64(1), time.Unix(1, 0).UTC(), ""},
		{"nonsense is no time", kindTime, "tomorrow", nil, "is no time that this version can read"},
		{"an id in capitals", kindUUID, "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", ""},
		{"an empty id is not NULL", kindUUID, "", nil, "is no UUID"},
		{"padding does not count", kindChar, "email   ", "email", ""},
		{"an empty text stays one", kindText, "", "", ""},
		{"NULL stays NULL", kindText, nil, nil, ""},
		{"bytes that SQLite took for text", kindBytes, "{}", []byte("{}"), ""},
		{"JSON that SQLite took for a number", kindJSON, int64(7), "7", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pair{kind: tt.kind}.source(true).read(tt.raw)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if text := message(err); text != tt.err {
				t.Errorf("got error %q, want %q", text, tt.err)
			}
		})
	}
}

func TestWhatServersDoNotTake(t *testing.T) {
	for _, tt := range []struct {
		name  string
		kind  kind
		to    column
		value any
		want  string
	}{
		{"a zero in a text", kindText, column{typ: "text"}, "a\x00b", "contains the character U+0000, which the target does not take"},
		{"half a character", kindText, column{typ: "text"}, "\xff", "is no UTF-8 text, which the target does not take"},
		{"a text that fits by its characters", kindText, column{typ: "varchar", limit: 3}, "äöü", ""},
		{"a text that is too long", kindText, column{typ: "varchar", limit: 2}, "äöü", "is longer than the 2 characters that the target takes"},
		{"an escaped zero in jsonb", kindJSON, column{typ: "jsonb"}, `{"a":["\u0000"]}`, `contains the character \u0000, which the target does not take`},
		{"what only looks like one", kindJSON, column{typ: "jsonb"}, `{"a":"\\u0000"}`, ""},
		{"text that is no JSON", kindJSON, column{typ: "jsonb"}, `{`, "is no JSON"},
		{"more than one value", kindJSON, column{typ: "jsonb"}, `1 2`, "is more than one JSON value"},
		{"a number that is too large", kindInt, column{typ: "int4", bits: 32}, int64(1 << 31), "is 2147483648, too large for the type int4 of the target"},
		{"the largest one", kindInt, column{typ: "int4", bits: 32}, int64(math.MaxInt32), ""},
		{"NULL where there must be something", kindText, column{typ: "text", notNull: true}, nil, "is NULL, which the target does not allow there"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := pair{kind: tt.kind, to: tt.to}.target(false).bind(tt.value)
			if got := message(err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNumbersThatNobodyAsksFor(t *testing.T) {
	s := pair{kind: kindInt, from: column{numbered: true, bits: 64}, to: column{numbered: true, bits: 32}}.source(false)
	for _, tt := range []struct{ raw, want any }{{nil, int64(0)}, {int64(7), int64(7)}, {int64(900_000_000_000_000_001), int64(0)}} {
		if got, err := s.read(tt.raw); err != nil || got != tt.want {
			t.Errorf("%v: got %v, %v, want %v", tt.raw, got, err, tt.want)
		}
	}
}

func TestCanonicalJSON(t *testing.T) {
	for _, same := range [][]string{
		{`{"a":1,"b":[true,null]}`, ` { "b" : [ true , null ], "a": 1.0 }`, `{"a":2,"a":1e0,"b":[true,null]}`},
		{`"é"`, `"\u00e9"`},
		{`100`, `1e2`, `100.00`, `1E+2`},
		{`-0.05`, `-5e-2`},
		{`0`, `-0`, `0.000`},
		{`123456789012345678901234567890`, `1.2345678901234567890123456789e29`},
	} {
		want, err := canonicalJSON(same[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range same[1:] {
			if got, err := canonicalJSON(text); err != nil || string(got) != string(want) {
				t.Errorf("%s: got %q, %v, want what %s gives, %q", text, got, err, same[0], want)
			}
		}
	}
	different := []string{`1`, `"1"`, `[1]`, `{"1":null}`, `null`, `"null"`, `true`, `["a","b"]`, `["ab"]`, `["a",["b"]]`, `[["a"],"b"]`, `{"a":"b"}`, `10`, `""`, `{}`, `[]`}
	seen := map[string]string{}
	for _, text := range different {
		got, err := canonicalJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := seen[string(got)]; taken {
			t.Errorf("%s and %s look the same", text, other)
		}
		seen[string(got)] = text
	}
}

func TestDigest(t *testing.T) {
	columns := []pair{{name: "a", kind: kindText}, {name: "b", kind: kindText}}
	of := func(rows ...[]any) string {
		var d digest
		for _, r := range rows {
			if err := d.add(columns, r); err != nil {
				t.Fatal(err)
			}
		}
		return d.String()
	}
	one, two := []any{"x", "y"}, []any{"", nil}
	if of(one, two) != of(two, one) {
		t.Error("the order of rows counts")
	}
	if of(one, one) == of() || of(one, one, one) == of(one) {
		t.Error("rows that are there twice cancel out")
	}
	for _, other := range [][]any{{"xy", ""}, {"y", "x"}, {"x", nil}, {"x", "y "}, {[]byte("x"), "y"}} {
		if of(one) == of(other) {
			t.Errorf("%q and %q look the same", one, other)
		}
	}
	if strings.Trim(of(), "0") != "" {
		t.Errorf("no rows: got %s", of())
	}
}

func FuzzCanonicalJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.50,"x\u0000"]}`, `-1E+3`, `"\ud800"`, `[]`, `{"a":1,"a":2}`, `1e999999999999`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := canonicalJSON(text)
		if err != nil {
			return
		}
		if again, err := canonicalJSON(" " + text + "\n"); err != nil || string(again) != string(first) {
			t.Errorf("%q: spaces count (%v)", text, err)
		}
	})
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
