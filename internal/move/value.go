package move

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// side says how one database keeps a column.
type side struct {
	pair
	sqlite bool
	millis bool // it counts milliseconds
	empty  any  // what an empty text of JSON stands for
}

func (p pair) source(sqlite bool) side {
	return side{pair: p, sqlite: sqlite, millis: p.millisFrom, empty: p.emptyJSON}
}

func (p pair) target(sqlite bool) side {
	return side{pair: p, sqlite: sqlite, millis: p.millisTo}
}

// expression is what is selected. SQLite's drivers turn what they find into what the declared type of
// a column asks for, in their own ways; an expression has no declared type.
func (s side) expression() string {
	name := quoted(s.name)
	switch {
	case s.sqlite:
		return "+" + name
	case s.kind == kindUUID, s.kind == kindJSON, s.kind == kindText, s.kind == kindChar:
		return name + "::text"
	}
	return name
}

// read makes the value that both sides agree on of what a driver returned: nil, bool, int64, float64,
// string, []byte or time.Time.
func (s side) read(raw any) (any, error) {
	if s.kind == kindInt && (s.from.numbered || s.to.numbered) {
		return s.readNumber(raw)
	}
	if raw == nil {
		return nil, nil //nolint:nilnil // NULL is a value
	}
	switch s.kind {
	case kindStored:
		return raw, nil
	case kindBool:
		return readBool(raw)
	case kindInt:
		return readInt(raw)
	case kindFloat:
		return readFloat(raw)
	case kindBytes:
		return readBytes(raw)
	case kindTime:
		t, err := readTime(raw, s.millis)
		if err != nil {
			return nil, err
		}
		// What the coarser side can keep.
		if s.millisFrom || s.millisTo {
			return t.Truncate(time.Millisecond), nil
		}
		return t.Truncate(time.Microsecond), nil
	}
	text, err := readText(raw)
	if err != nil {
		return nil, err
	}
	switch s.kind {
	case kindUUID:
		return readUUID(text)
	case kindChar:
		return strings.TrimRight(text, " "), nil
	case kindJSON:
		if text == "" {
			return s.empty, nil
		}
	}
	return text, nil
}

// bind makes the parameter of an INSERT, and refuses what the target would refuse, or change.
func (s side) bind(v any) (any, error) {
	if v == nil {
		if s.to.notNull {
			return nil, errors.New("is NULL, which the target does not allow there")
		}
		return nil, nil //nolint:nilnil // NULL is a value
	}
	switch x := v.(type) {
	case bool:
		if s.sqlite {
			return map[bool]int64{true: 1}[x], nil
		}
	case int64:
		if s.to.tooLarge(x) {
			return nil, fmt.Errorf("is %d, too large for the type %s of the target", x, s.to.typ)
		}
	case time.Time:
		if s.millis {
			return x.UnixMilli(), nil
		}
	case string:
		if !s.sqlite {
			return x, s.acceptable(x)
		}
	}
	return v, nil
}

// acceptable says what PostgreSQL and CockroachDB do not take and SQLite does.
func (s side) acceptable(text string) error {
	switch {
	case !utf8.ValidString(text):
		return errors.New("is no UTF-8 text, which the target does not take")
	case strings.ContainsRune(text, 0):
		return errors.New("contains the character U+0000, which the target does not take")
	case s.to.limit > 0 && int64(utf8.RuneCountInString(text)) > s.to.limit:
		return fmt.Errorf("is longer than the %d characters that the target takes", s.to.limit)
	case s.kind == kindJSON && s.to.typ == "jsonb":
		return storableJSON(text)
	}
	return nil
}

// readNumber reads a number that a sequence once gave. The engines write 0 into these columns
// (pk_deprecated of Hydra) and read no NULL, which SQLite has by default; the numbers of CockroachDB do
// not fit into PostgreSQL's. Nothing asks for them, and they need not be unique.
func (s side) readNumber(raw any) (any, error) {
	if raw == nil {
		return int64(0), nil
	}
	n, err := readInt(raw)
	if number, ok := n.(int64); ok && s.to.tooLarge(number) {
		return int64(0), nil
	}
	return n, err
}

// tooLarge reports a number that an integer of the server cannot hold.
func (c column) tooLarge(n int64) bool {
	return c.bits > 0 && c.bits < 64 && (n >= 1<<(c.bits-1) || n < -1<<(c.bits-1))
}

func readText(raw any) (string, error) {
	switch x := raw.(type) {
	case string:
		return x, nil
	case []byte:
		return string(x), nil
	case int64: // JSON such as 7 in a column of SQLite that prefers numbers
		return strconv.FormatInt(x, 10), nil
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64), nil
	}
	return "", unexpected(raw)
}

func readBytes(raw any) (any, error) {
	switch x := raw.(type) {
	case []byte:
		return x, nil
	case string:
		return []byte(x), nil
	}
	return nil, unexpected(raw)
}

func readBool(raw any) (any, error) {
	switch x := raw.(type) {
	case bool:
		return x, nil
	case int64:
		if x == 0 || x == 1 {
			return x == 1, nil
		}
	case string, []byte: // a default that SQLite took for text
		if b, err := strconv.ParseBool(fmt.Sprintf("%s", x)); err == nil {
			return b, nil
		}
	}
	return nil, errors.New("is neither true nor false")
}

func readInt(raw any) (any, error) {
	switch x := raw.(type) {
	case int64:
		return x, nil
	case float64:
		if n := int64(x); float64(n) == x && math.Abs(x) < 1<<53 {
			return n, nil
		}
	case string, []byte:
		if n, err := strconv.ParseInt(fmt.Sprintf("%s", x), 10, 64); err == nil {
			return n, nil
		}
	case bool: // an engine that bound a boolean
		return map[bool]int64{true: 1}[x], nil
	}
	return nil, errors.New("is no whole number")
}

func readFloat(raw any) (any, error) {
	switch x := raw.(type) {
	case float64:
		return x, nil
	case int64:
		return float64(x), nil
	}
	return nil, errors.New("is no number")
}

// readUUID takes the form with dashes, which is the only one that the engines write.
func readUUID(text string) (any, error) {
	text = strings.ToLower(text)
	valid := len(text) == 36
	for i := 0; valid && i < len(text); i++ {
		c := text[i]
		switch i {
		case 8, 13, 18, 23:
			valid = c == '-'
		default:
			valid = c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
		}
	}
	if !valid {
		return nil, errors.New("is no UUID")
	}
	return text, nil
}

func unexpected(raw any) error { return fmt.Errorf("came as %T from the driver", raw) }
