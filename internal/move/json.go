package move

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// decodeJSON keeps numbers as they were written.
func decodeJSON(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errors.New("is no JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("is more than one JSON value")
	}
	return v, nil
}

// storableJSON says what jsonb does not take.
func storableJSON(text string) error {
	v, err := decodeJSON(text)
	if err != nil {
		return err
	}
	if strings.Contains(text, `\u0000`) && holdsNUL(v) {
		return errors.New(`contains the character \u0000, which the target does not take`)
	}
	return nil
}

func holdsNUL(v any) bool {
	switch x := v.(type) {
	case string:
		return strings.ContainsRune(x, 0)
	case []any:
		return slices.ContainsFunc(x, holdsNUL)
	case map[string]any:
		for k, e := range x {
			if holdsNUL(k) || holdsNUL(e) {
				return true
			}
		}
	}
	return false
}

// canonicalJSON is one text for all that means the same: jsonb sorts keys, drops those that are
// repeated, writes numbers anew and forgets spaces.
func canonicalJSON(text string) ([]byte, error) {
	v, err := decodeJSON(text)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = writeCanonical(&out, v)
	return out.Bytes(), err
}

func writeCanonical(out *bytes.Buffer, v any) error {
	switch x := v.(type) {
	case nil:
		out.WriteByte('n')
	case bool:
		out.WriteString(strconv.FormatBool(x))
	case string:
		writeSized(out, 's', x)
	case json.Number:
		n, err := canonicalNumber(string(x))
		if err != nil {
			return err
		}
		writeSized(out, '#', n)
	case []any:
		writeSized(out, '[', strconv.Itoa(len(x)))
		for _, e := range x {
			if err := writeCanonical(out, e); err != nil {
				return err
			}
		}
	case map[string]any:
		writeSized(out, '{', strconv.Itoa(len(x)))
		for _, k := range slices.Sorted(maps.Keys(x)) {
			writeSized(out, 's', k)
			if err := writeCanonical(out, x[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeSized(out *bytes.Buffer, tag byte, text string) {
	out.WriteByte(tag)
	out.Write(binary.AppendUvarint(nil, uint64(len(text))))
	out.WriteString(text)
}

// canonicalNumber writes a number as its digits without zeros at either end and an exponent: 100,
// 1e2 and 100.0 are 1e2.
func canonicalNumber(text string) (string, error) {
	digits, negative := strings.CutPrefix(text, "-")
	digits, exponentText, _ := strings.Cut(strings.ReplaceAll(digits, "E", "e"), "e")
	exponent := 0
	if exponentText != "" {
		var err error
		if exponent, err = strconv.Atoi(exponentText); err != nil {
			return "", fmt.Errorf("has a number with the exponent %s", exponentText)
		}
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	exponent -= len(fraction)
	digits = strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(trimmed)
	if trimmed == "" {
		return "0", nil
	}
	sign := ""
	if negative {
		sign = "-"
	}
	return sign + trimmed + "e" + strconv.Itoa(exponent), nil
}
