package peoplefile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// longestLine bounds one person.
const longestLine = 1 << 20

// lines reads one JSON object a line.
type lines struct {
	in   *bufio.Scanner
	line int
	one  func(line int, raw []byte) (*Person, error)
}

func newLines(r io.Reader, one func(int, []byte) (*Person, error)) *lines {
	in := bufio.NewScanner(withoutMark(r))
	in.Buffer(make([]byte, 0, 64<<10), longestLine)
	return &lines{in: in, one: one}
}

// Next implements Source.
func (l *lines) Next() (*Person, error) {
	for l.in.Scan() {
		l.line++
		raw := bytes.TrimSpace(l.in.Bytes())
		if len(raw) == 0 {
			continue
		}
		if l.line == 1 && raw[0] == '[' {
			return nil, errors.New("it is a JSON list; write one object a line instead, as jq -c '.[]' does")
		}
		p, err := l.one(l.line, raw)
		if err != nil {
			return nil, at(l.line, err)
		}
		if err := p.finish(); err != nil {
			return nil, at(l.line, err)
		}
		p.Line = l.line
		return p, nil
	}
	if err := l.in.Err(); err != nil {
		return nil, fmt.Errorf("reading line %d, which may have %d bytes at most: %w", l.line+1, longestLine, err)
	}
	return nil, io.EOF
}

// at makes an error one of a line.
func at(line int, err error) error {
	if f := (*Fault)(nil); errors.As(err, &f) {
		f.Line = line
		return f
	}
	return &Fault{Line: line, Reason: err.Error()}
}

// JSONLines reads one object a line: with the words of columns as keys, or as Kratos' admin API takes a new person.
func JSONLines(r io.Reader, mapped map[string]string) Source {
	return newLines(r, func(_ int, raw []byte) (*Person, error) {
		object, err := decode(raw)
		if err != nil {
			return nil, err
		}
		if isAdmin(object) {
			return admin(raw)
		}
		p := &Person{}
		flat := map[string]any{}
		flatten("", object, flat)
		for _, key := range slices.Sorted(maps.Keys(flat)) {
			to, err := target(key, mapped)
			if err != nil {
				return nil, err
			}
			if err := p.set(to, flat[key]); err != nil {
				return nil, &Fault{Field: key, Reason: err.Error()}
			}
		}
		return p, nil
	})
}

func decode(raw []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return nil, errors.New("it is no JSON object; each line must be one as a whole")
	}
	if object == nil || d.More() {
		return nil, errors.New("it must be one JSON object")
	}
	return object, nil
}

// flatten joins the keys of objects below traits and metadata by dots, as columns are named.
func flatten(before string, object map[string]any, into map[string]any) {
	for key, value := range object {
		name := before + key
		within, ok := value.(map[string]any)
		if ok && (before != "" || slices.Contains(places(), key+".")) {
			flatten(name+".", within, into)
			continue
		}
		into[name] = value
	}
}

// isAdmin tells Kratos' format by the words that only it has.
func isAdmin(object map[string]any) bool {
	for _, word := range []string{"credentials", "verifiable_addresses", "recovery_addresses"} {
		if _, ok := object[word]; ok {
			return true
		}
	}
	return false
}

// admin reads a person as Kratos' admin API takes one.
func admin(raw []byte) (*Person, error) {
	var in struct {
		ExternalID  string         `json:"external_id"`
		SchemaID    string         `json:"schema_id"`
		State       string         `json:"state"`
		Traits      map[string]any `json:"traits"`
		Public      map[string]any `json:"metadata_public"`
		Admin       map[string]any `json:"metadata_admin"`
		Credentials struct {
			Password struct {
				Config struct {
					Hash string `json:"hashed_password"`
				} `json:"config"`
			} `json:"password"`
			OIDC struct {
				Config struct {
					Providers []Provider `json:"providers"`
				} `json:"config"`
			} `json:"oidc"`
		} `json:"credentials"`
		Addresses []struct {
			Value    string `json:"value"`
			Via      string `json:"via"`
			Status   string `json:"status"`
			Verified bool   `json:"verified"`
		} `json:"verifiable_addresses"`
		Recovery []struct {
			Value string `json:"value"`
			Via   string `json:"via"`
		} `json:"recovery_addresses"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, &Fault{Field: wrong.Field, Reason: "has to be of another type"}
		}
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			if name == `"password"` {
				return nil, &Fault{Field: "credentials.password.config.password", Reason: "a password in clear is not imported; give its hash as hashed_password"}
			}
			return nil, &Fault{Field: strings.Trim(name, `"`), Reason: "is no key of a new person in Kratos' admin API that can be imported"}
		}
		return nil, errors.New("it is no JSON object; each line must be one as a whole")
	}
	p := &Person{
		ExternalID: in.ExternalID, Schema: in.SchemaID, Traits: in.Traits, MetadataPublic: in.Public, MetadataAdmin: in.Admin,
		Providers: in.Credentials.OIDC.Config.Providers,
	}
	for _, a := range in.Addresses {
		if a.Verified {
			p.Verified = append(p.Verified, a.Value)
		}
	}
	if err := p.set(wordState, in.State); err != nil {
		return nil, &Fault{Field: wordState, Reason: err.Error()}
	}
	if err := p.set(wordHash, in.Credentials.Password.Config.Hash); err != nil {
		return nil, &Fault{Field: "credentials.password.config.hashed_password", Reason: err.Error()}
	}
	return p, nil
}

// withoutMark leaves out the byte order mark that spreadsheets write.
func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, err := b.Peek(3); err == nil && bytes.Equal(mark, []byte{0xEF, 0xBB, 0xBF}) {
		b.Discard(3) //nolint:errcheck // it was there
	}
	return b
}
