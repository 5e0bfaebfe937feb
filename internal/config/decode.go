package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// decode writes every value of raw that is understood into cfg and reports the others. What raw
// does not hold keeps its default.
func decode(c *collector, words []key, raw map[string]any, cfg *Config) {
	root := reflect.ValueOf(cfg).Elem()
	for _, k := range words {
		v, ok := lookup(raw, k.path)
		if !ok || k.shape == section {
			continue
		}
		decodeValue(c, k.path, v, root.FieldByIndex(k.index))
	}
}

func decodeValue(c *collector, path string, v any, into reflect.Value) {
	switch shapeOf(into.Type()) {
	case section:
		decodeElement(c, path, v, into)
	case list:
		decodeList(c, path, v, into)
	case free:
		decodeMap(c, path, v, into)
	default:
		if msg := decodeScalar(v, into); msg != "" {
			c.add(path, "%s", msg)
		}
	}
}

func decodeList(c *collector, path string, v any, into reflect.Value) {
	if text, isText := v.(string); isText && into.Type() == reflect.TypeFor[Words]() {
		into.Set(reflect.ValueOf(Words(strings.Fields(text))))
		return
	}
	items, ok := v.([]any)
	if !ok {
		c.add(path, "must be a list (got %s); write [...] or one - item a line", kindOf(v))
		return
	}
	out := reflect.MakeSlice(into.Type(), len(items), len(items))
	for i, item := range items {
		decodeValue(c, fmt.Sprintf("%s[%d]", path, i), item, out.Index(i))
	}
	into.Set(out)
}

func decodeMap(c *collector, path string, v any, into reflect.Value) {
	m, ok := v.(map[string]any)
	if !ok {
		c.add(path, "must be a map (got %s); write key: value pairs below it", kindOf(v))
		return
	}
	out := reflect.MakeMapWithSize(into.Type(), len(m))
	for name, item := range m {
		value := reflect.New(into.Type().Elem()).Elem()
		if value.Kind() != reflect.Interface {
			decodeValue(c, path+"."+name, item, value)
		} else if item != nil {
			value.Set(reflect.ValueOf(item))
		}
		out.SetMapIndex(reflect.ValueOf(name), value)
	}
	into.Set(out)
}

// decodeElement reads a struct inside a list, whose keys are not part of the vocabulary.
func decodeElement(c *collector, path string, v any, into reflect.Value) {
	m, ok := v.(map[string]any)
	if !ok {
		c.add(path, "must be a map (got %s)", kindOf(v))
		return
	}
	fields := walk(into.Type(), "", nil)
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.path
		if item, ok := m[f.path]; ok && item != nil {
			decodeValue(c, path+"."+f.path, item, into.FieldByIndex(f.index))
		}
	}
	for name := range m {
		if !slices.Contains(names, name) {
			c.add(path+"."+name, "unknown key; did you mean %s.%s?", path, nearestName(name, names))
		}
	}
}

// decodeScalar returns what is wrong with v, empty when it was understood.
func decodeScalar(v any, into reflect.Value) string {
	if u, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return decodeText(v, u)
	}
	if into.Type() == reflect.TypeFor[time.Duration]() {
		d, msg := parseDuration(v)
		into.SetInt(int64(d))
		return msg
	}
	switch into.Kind() {
	case reflect.Bool:
		b, ok := v.(bool)
		if !ok {
			return fmt.Sprintf("must be true or false (got %s)", show(v))
		}
		into.SetBool(b)
	case reflect.Int:
		n, ok := v.(int)
		if !ok {
			return fmt.Sprintf("must be a whole number without quotes (got %s)", show(v))
		}
		into.SetInt(int64(n))
	case reflect.Float64:
		f, ok := number(v)
		if !ok {
			return fmt.Sprintf("must be a number without quotes (got %s)", show(v))
		}
		into.SetFloat(f)
	default:
		return decodeString(v, into)
	}
	return ""
}

func decodeString(v any, into reflect.Value) string {
	s, ok := v.(string)
	if w, had := into.Interface().(interface{ spoken() map[string]string }); had {
		if word := w.spoken()[fmt.Sprint(v)]; word != "" {
			s, ok = word, true
		}
	}
	if w, isWord := into.Interface().(interface{ words() []string }); isWord {
		if ok && s == "" && into.String() == "" {
			return ""
		}
		if !ok || !slices.Contains(w.words(), s) {
			return fmt.Sprintf("must be %s (got %s)", oneOf(w.words()), show(v))
		}
		into.SetString(s)
		return ""
	}
	if !ok {
		return fmt.Sprintf("must be text (got %s); put it in quotes", show(v))
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "must be text without zero bytes, in UTF-8"
	}
	into.SetString(s)
	return ""
}

func decodeText(v any, into encoding.TextUnmarshaler) string {
	s, ok := v.(string)
	_, isAddress := into.(*Address)
	switch {
	case !ok && !isAddress:
		return fmt.Sprintf("must be text (got %s); put it in quotes", kindOf(v))
	case !ok:
		s = strings.Trim(show(v), `"`)
	}
	if err := into.UnmarshalText([]byte(s)); err != nil {
		return err.Error()
	}
	if !ok {
		return fmt.Sprintf("must be text (got %s); put it in quotes", show(v))
	}
	return ""
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

func oneOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// show prints a value of a setting that is not secret.
func show(v any) string {
	switch x := v.(type) {
	case string:
		return quote(x)
	case bool, int, int64, uint64, float64:
		return fmt.Sprint(x)
	}
	return kindOf(v)
}

// quote cuts long values: the message is for one line of a terminal.
func quote(s string) string {
	const longest = 80
	if len(s) > longest {
		s = s[:longest] + "..."
	}
	return strconv.Quote(s)
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	case bool:
		return "true or false"
	case int, int64, uint64, float64:
		return "a number"
	case time.Time:
		return "a date"
	}
	return "text"
}
