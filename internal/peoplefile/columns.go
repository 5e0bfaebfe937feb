package peoplefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// none is where a column goes that is left out.
const none = "-"

// The words of columns and keys that mean something by themselves.
const (
	wordExternalID = "external_id"
	wordVerified   = "email_verified"
	wordGroups     = "groups"
	wordRoles      = "roles"
	wordHash       = "password_hash"
	wordState      = "state"
	wordCreated    = "created_at"
	wordTOTP       = "totp_secret"
	wordSchema     = "schema_id"
)

// traitWords are traits that need no prefix.
func traitWords() []string { return []string{"email", "username", "name", "phone"} }

// words are all of them.
func words() []string {
	return append(traitWords(), wordExternalID, wordVerified, wordGroups, wordRoles, wordHash, wordState, wordCreated, wordTOTP, wordSchema)
}

// places are the prefixes of what may have any name.
func places() []string { return []string{"traits.", "metadata_public.", "metadata_admin."} }

// target says where a column goes, after --map: a word, a place with a name, or nowhere.
func target(column string, mapped map[string]string) (string, error) {
	to := strings.TrimSpace(column)
	if m, ok := mapped[to]; ok {
		to = m
	}
	if to == none || slices.Contains(words(), to) {
		return to, nil
	}
	for _, place := range places() {
		if name, ok := strings.CutPrefix(to, place); ok && name != "" && !strings.Contains("."+name+".", "..") {
			return to, nil
		}
	}
	return "", fmt.Errorf("column %q has no meaning; say where it goes with --map %s=traits.NAME, or leave it out with --map %s=- (known are %s, and %s with a name)",
		column, column, column, strings.Join(words(), ", "), strings.Join(places(), ", "))
}

// CheckMap says what is wrong with what --map said, before a file is read.
func CheckMap(mapped map[string]string) error {
	for _, column := range slices.Sorted(maps.Keys(mapped)) {
		if _, err := target(mapped[column], nil); err != nil {
			return fmt.Errorf("--map %s=%s: it goes to no place that there is (known are %s, %s with a name, and - for none)",
				column, mapped[column], strings.Join(words(), ", "), strings.Join(places(), ", "))
		}
	}
	return nil
}

// set puts a value where a column goes. Of text formats all values are texts.
func (p *Person) set(to string, value any) error {
	if text, ok := value.(string); ok {
		// An empty list says that somebody is in no group any longer; anything else that is empty says nothing.
		if text = strings.TrimSpace(text); text == "" && to != wordGroups && to != wordRoles {
			return nil
		}
		value = text
	}
	if value == nil || to == none {
		return nil
	}
	if slices.Contains(traitWords(), to) {
		to = "traits." + to
	}
	for _, place := range places() {
		if name, ok := strings.CutPrefix(to, place); ok {
			return put(p.in(place), strings.Split(name, "."), value)
		}
	}
	return p.setWord(to, value)
}

func (p *Person) in(place string) map[string]any {
	at := map[string]*map[string]any{
		"traits.": &p.Traits, "metadata_public.": &p.MetadataPublic, "metadata_admin.": &p.MetadataAdmin,
	}[place]
	if *at == nil {
		*at = map[string]any{}
	}
	return *at
}

func (p *Person) setWord(to string, value any) (err error) {
	switch to {
	case wordGroups, wordRoles:
		list, err := texts(value)
		if err == nil {
			p.in("metadata_public.")[to] = list
		}
		return err
	case wordVerified:
		yes, err := truth(value)
		if yes {
			p.Verified = []string{verifiedLater}
		}
		return err
	}
	text, err := textOf(value)
	if err != nil {
		return err
	}
	switch to {
	case wordExternalID:
		p.ExternalID = text
	case wordSchema:
		p.Schema = text
	case wordTOTP:
		p.TOTPSecret = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(text))
	case wordHash:
		p.PasswordHash, err = Hash(text)
	case wordState:
		p.State, err = state(text)
	case wordCreated:
		p.CreatedAt, err = instant(text)
	}
	return err
}

// verifiedLater stands for the address of a person until all columns were read.
const verifiedLater = "\x00"

// finish settles what takes several columns.
func (p *Person) finish() error {
	email, _ := p.Traits["email"].(string)
	username, _ := p.Traits["username"].(string)
	if len(p.Verified) == 1 && p.Verified[0] == verifiedLater {
		p.Verified = nil
		if email != "" {
			p.Verified = []string{email}
		}
	}
	if len(p.Traits) == 0 {
		return errors.New("it has no traits; a person needs what the identity schema asks for, such as an email")
	}
	if p.ExternalID == "" {
		p.ExternalID = strings.ToLower(first(email, username))
	}
	switch {
	case p.ExternalID == "":
		return errors.New("it has no external_id, and neither email nor username to stand for one; add a column external_id, or say which one is it with --map")
	case len(p.ExternalID) > mostExternalID:
		return fmt.Errorf("its external_id is too long (got %s, at most %d)", Shape(p.ExternalID), mostExternalID)
	}
	return nil
}

// mostExternalID bounds what is the key of a table.
const mostExternalID = 255

func first(of ...string) string {
	for _, s := range of {
		if s != "" {
			return s
		}
	}
	return ""
}

// texts reads a list: an array, or a text with a character between its parts.
func texts(value any) ([]string, error) {
	out := []string{}
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			text, ok := one.(string)
			if !ok {
				return nil, errors.New("must be a list of texts")
			}
			out = append(out, text)
		}
	case string:
		if strings.HasPrefix(v, "[") {
			if err := json.Unmarshal([]byte(v), &out); err != nil {
				return nil, errors.New("must be a list of texts")
			}
			break
		}
		out = strings.FieldsFunc(v, func(c rune) bool { return strings.ContainsRune(";,|", c) })
	default:
		return nil, errors.New("must be a list of texts")
	}
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" }), nil
}

func textOf(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	return "", errors.New("must be a text")
}

func truth(value any) (bool, error) {
	if b, ok := value.(bool); ok {
		return b, nil
	}
	text, _ := value.(string)
	switch strings.ToLower(text) {
	case "true", "1", "yes", "y", "t":
		return true, nil
	case "false", "0", "no", "n", "f":
		return false, nil
	}
	return false, fmt.Errorf("must be true or false (got %s)", Shape(text))
}

func state(text string) (string, error) {
	switch strings.ToLower(text) {
	case "active", "enabled", "true":
		return "active", nil
	case "inactive", "disabled", "blocked", "false":
		return "inactive", nil
	}
	return "", fmt.Errorf("must be active or inactive (got %s)", Shape(text))
}

func instant(text string) (*time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return past(t)
		}
	}
	return nil, fmt.Errorf("must be an instant such as 2024-02-29T08:00:00Z (got %s)", Shape(text))
}

func past(t time.Time) (*time.Time, error) {
	t = t.UTC()
	if t.Year() < 1970 || t.After(time.Now().Add(24*time.Hour)) {
		return nil, errors.New("must be between 1970 and now")
	}
	return &t, nil
}

// put sets what a path of names leads to.
func put(into map[string]any, path []string, value any) error {
	for _, name := range path[:len(path)-1] {
		next, ok := into[name].(map[string]any)
		if _, there := into[name]; there && !ok {
			return fmt.Errorf("%s is a value and cannot hold another", name)
		}
		if !ok {
			next = map[string]any{}
			into[name] = next
		}
		into = next
	}
	into[path[len(path)-1]] = value
	return nil
}
