package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"os"
	"reflect"
	"slices"
	"strings"
)

// Fingerprints returns a digest of each word: of its value and of the files that the value names. Two
// configurations differ in the words whose digests differ. No value can be had from them but by guessing,
// and they are for the memory of one process only.
func (c Config) Fingerprints() map[string]string {
	out := map[string]string{}
	v := reflect.ValueOf(c)
	for _, k := range vocabulary() {
		if k.shape == section {
			continue
		}
		h := sha256.New()
		digest(h, v.FieldByIndex(k.index), isFile(k.path), digestFile)
		out[k.path] = hex.EncodeToString(h.Sum(nil))
	}
	return out
}

// Files returns everything that this configuration was read from or names: the file itself, those that
// environment variables named, and each value of a word that ends in _file or begins with file://.
func (c Config) Files() []string {
	files := slices.Clone(c.LayerFiles)
	if c.Source != "" {
		files = append(files, c.Source)
	}
	v := reflect.ValueOf(c)
	for _, k := range vocabulary() {
		if k.shape != section {
			digest(sha256.New(), v.FieldByIndex(k.index), isFile(k.path), func(_ hash.Hash, file string) { files = append(files, file) })
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

func isFile(word string) bool {
	return strings.HasSuffix(word, "_file") || strings.HasSuffix(word, ".file") || word == "file"
}

// digest walks through a value. It looks into Secret as well, and at unexported fields: what is not looked
// at could change without being noticed.
func digest(h hash.Hash, v reflect.Value, file bool, seen func(hash.Hash, string)) {
	if v.IsValid() {
		fmt.Fprintf(h, "%s\x00", v.Kind())
	}
	switch v.Kind() {
	case reflect.String:
		text := v.String()
		fmt.Fprintf(h, "%d %s", len(text), text)
		if path, ok := strings.CutPrefix(text, "file://"); ok {
			seen(h, path)
		} else if file && text != "" {
			seen(h, text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Tag.Get("yaml")
			fmt.Fprintf(h, "%s\x00", v.Type().Field(i).Name)
			digest(h, v.Field(i), isFile(name), seen)
		}
	case reflect.Slice, reflect.Array:
		fmt.Fprintf(h, "%d\x00", v.Len())
		for i := range v.Len() {
			digest(h, v.Index(i), file, seen)
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, key := range keys {
			digest(h, key, false, seen)
			digest(h, v.MapIndex(key), isFile(fmt.Sprint(key)), seen)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			digest(h, v.Elem(), file, seen)
		}
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8,
		reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		fmt.Fprint(h, v)
	}
}

// digestFile adds what a file holds. One that cannot be read is as good as an empty one: whoever needs it
// says so.
func digestFile(h hash.Hash, file string) {
	raw, err := readFile(file)
	if err != nil {
		raw = nil
	}
	fmt.Fprintf(h, "%d\x00", len(raw))
	_, _ = h.Write(raw) // never fails (hash.Hash)
}

// Digest tells whether any of the files has changed: what they hold, or that they cannot be read.
func Digest(files []string) string {
	h := sha256.New()
	for _, file := range files {
		fmt.Fprintf(h, "%d %s\x00", len(file), file)
		if info, err := os.Stat(file); err != nil {
			fmt.Fprint(h, "missing\x00")
		} else {
			fmt.Fprintf(h, "%v\x00", info.Mode())
		}
		digestFile(h, file)
	}
	return hex.EncodeToString(h.Sum(nil))
}
