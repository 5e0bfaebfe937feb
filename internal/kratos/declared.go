package kratos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/ory"
)

const pathIdentities = "/admin/identities"

// Declared keeps people through Kratos' admin API, which knows no name of ours for them
// (docs/ory-quirks.md#q166).
type Declared struct{ caller *ory.Caller }

var _ declare.Registry = (*Declared)(nil)

// NewDeclared returns a registry of people over the transport to the admin handler.
func NewDeclared(rt http.RoundTripper) *Declared {
	return &Declared{caller: ory.NewCaller(inProcessAdmin, rt)}
}

// declaredPerson is a person as Kratos' admin API has them (kratos: identity/identity.go).
type declaredPerson struct {
	ID                  string          `json:"id"`
	SchemaID            string          `json:"schema_id"`
	State               string          `json:"state"`
	Traits              exact           `json:"traits"`
	VerifiableAddresses []provenAddress `json:"verifiable_addresses"`
	MetadataPublic      exact           `json:"metadata_public"`
	MetadataAdmin       json.RawMessage `json:"metadata_admin"`
}

// exact is a map whose numbers stay as they are written: it is sent back. What is no object is nobody's.
type exact map[string]any

// UnmarshalJSON implements json.Unmarshaler.
func (e *exact) UnmarshalJSON(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var all map[string]any
	if dec.Decode(&all) == nil {
		*e = all
	}
	return nil
}

type provenAddress struct {
	Value    string `json:"value"`
	Via      string `json:"via"`
	Status   string `json:"status"`
	Verified bool   `json:"verified"`
}

// personBody is what is sent to make or replace one.
type personBody struct {
	SchemaID            string          `json:"schema_id"`
	State               string          `json:"state,omitempty"`
	Traits              map[string]any  `json:"traits"`
	VerifiableAddresses []provenAddress `json:"verifiable_addresses,omitempty"`
	MetadataPublic      map[string]any  `json:"metadata_public,omitempty"`
	MetadataAdmin       json.RawMessage `json:"metadata_admin,omitempty"`
	Credentials         *credentials    `json:"credentials,omitempty"`
}

type credentials struct {
	Password struct {
		Config struct {
			Password       string `json:"password,omitempty"`
			HashedPassword string `json:"hashed_password,omitempty"`
		} `json:"config"`
	} `json:"password"`
}

// Get returns a person by the id that is remembered of them, or declare.ErrNotFound.
func (d *Declared) Get(ctx context.Context, w declare.Want, ref string) (*declare.Held, error) {
	if ref == "" {
		return nil, declare.ErrNotFound
	}
	var out declaredPerson
	if err := d.caller.Do(ctx, ory.Request{Path: personPath(ref)}, &out); err != nil {
		return nil, explainPerson(err)
	}
	return holding(w, out)
}

// mostNames bounds how many names somebody is looked for by.
const mostNames = 8

// Find returns who has one of the names of a person already, or declare.ErrNotFound.
func (d *Declared) Find(ctx context.Context, w declare.Want) (*declare.Held, error) {
	for _, name := range names(w.Identity.Traits, mostNames) {
		if strings.Contains(name, "@") {
			name = strings.ToLower(name) // as Kratos keeps addresses
		}
		var list []declaredPerson
		err := d.caller.Do(ctx, ory.Request{Path: pathIdentities, Query: url.Values{"credentials_identifier": {name}}}, &list)
		if err != nil {
			return nil, explainPerson(err)
		}
		if len(list) > 0 {
			return holding(w, list[0])
		}
	}
	return nil, declare.ErrNotFound
}

// names are the texts among traits, in order: any of them may be what somebody signs in with.
func names(v any, n int) []string {
	var out []string
	switch x := v.(type) {
	case string:
		out = append(out, x)
	case []any:
		for _, one := range x {
			out = append(out, names(one, n)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(x)) {
			out = append(out, names(x[key], n)...)
		}
	}
	return out[:min(len(out), n)]
}

// holding says what a person is in the words of the file: of traits and metadata what the file names, of the
// addresses those that it wants to be proved. The rest is the person's.
func holding(w declare.Want, p declaredPerson) (*declare.Held, error) {
	mark := declare.MarkOf(p.MetadataAdmin)
	var all exact
	_ = all.UnmarshalJSON(p.MetadataAdmin) // never fails
	traits, public := named(p.Traits, w.Identity.Traits), named(p.MetadataPublic, w.Identity.MetadataPublic)
	admin := named(all, w.Identity.MetadataAdmin)
	var proved []string
	for _, a := range p.VerifiableAddresses {
		if i := slices.IndexFunc(w.Identity.Verified, func(v string) bool { return strings.EqualFold(v, a.Value) }); i >= 0 && a.Verified {
			proved = append(proved, w.Identity.Verified[i])
		}
	}
	is := declare.Identity{
		Schema: p.SchemaID, State: p.State, Traits: traits, Verified: proved, MetadataPublic: public, MetadataAdmin: admin,
	}
	raw, err := json.Marshal(map[string]any{
		"schema": p.SchemaID, "state": p.State, "traits": traits, "metadata_public": public, "metadata_admin": admin,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding a person: %w", err)
	}
	sum, err := declare.Sum(raw)
	if err != nil {
		return nil, err
	}
	return &declare.Held{
		Kind: declare.KindIdentity, Name: w.Name(), Ref: p.ID, Mark: mark, Values: is.Values(), Sum: sum, Raw: p,
	}, nil
}

// named is what another map names of one.
func named(all, by map[string]any) map[string]any {
	out := map[string]any{}
	for name := range by {
		if v, ok := all[name]; ok {
			out[name] = v
		}
	}
	return out
}

// over lays what the file names over what there is.
func over(all, by map[string]any) map[string]any {
	out := maps.Clone(all)
	if out == nil {
		return by
	}
	maps.Copy(out, by)
	return out
}

// Create makes a person with their first password, or returns declare.ErrExists.
func (d *Declared) Create(ctx context.Context, w declare.Want, m declare.Mark) (*declare.Held, error) {
	body, err := body(*w.Identity, m, nil)
	if err != nil {
		return nil, err
	}
	for _, address := range w.Identity.Verified {
		body.VerifiableAddresses = append(body.VerifiableAddresses, provenAddress{
			Value: address, Via: "email", Status: "completed", Verified: true,
		})
	}
	body.Credentials = passwordOf(w.Identity.Password, w.Identity.PasswordHash)
	var out declaredPerson
	err = d.caller.Do(ctx, ory.Request{Method: http.MethodPost, Path: pathIdentities, Body: body}, &out)
	if err != nil {
		return nil, explainPerson(err)
	}
	return holding(w, out)
}

// Update makes a person as wanted. A password is only ever set from a hash, and where secret says so.
func (d *Declared) Update(ctx context.Context, was *declare.Held, w declare.Want, m declare.Mark, secret bool) (*declare.Held, error) {
	p, _ := was.Raw.(declaredPerson)
	wanted := *w.Identity
	if p.SchemaID == wanted.Schema { // another schema has other traits
		wanted.Traits = over(p.Traits, wanted.Traits)
	}
	wanted.MetadataPublic = over(p.MetadataPublic, wanted.MetadataPublic)
	body, err := body(wanted, m, p.MetadataAdmin)
	if err != nil {
		return nil, err
	}
	if secret {
		body.Credentials = passwordOf("", w.Identity.PasswordHash)
	}
	var out declaredPerson
	err = d.caller.Do(ctx, ory.Request{Method: http.MethodPut, Path: personPath(was.Ref), Body: body}, &out)
	if err != nil {
		return nil, explainPerson(err)
	}
	if len(w.Identity.Verified) == 0 {
		return holding(w, out)
	}
	return d.prove(ctx, w, out)
}

// prove marks addresses as verified, which PUT cannot (docs/ory-quirks.md#q167).
func (d *Declared) prove(ctx context.Context, w declare.Want, p declaredPerson) (*declare.Held, error) {
	type step struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value any    `json:"value"`
	}
	var steps []step
	for i, a := range p.VerifiableAddresses {
		wanted := slices.ContainsFunc(w.Identity.Verified, func(v string) bool { return strings.EqualFold(v, a.Value) })
		if a.Verified || !wanted {
			continue
		}
		at := fmt.Sprintf("/verifiable_addresses/%d/", i)
		steps = append(steps, step{"replace", at + "verified", true}, step{"replace", at + "status", "completed"})
	}
	if len(steps) == 0 {
		return holding(w, p)
	}
	var out declaredPerson
	err := d.caller.Do(ctx, ory.Request{Method: http.MethodPatch, Path: personPath(p.ID), Body: steps}, &out)
	if err != nil {
		return nil, explainPerson(err)
	}
	return holding(w, out)
}

// Leave deactivates a person: they sign in no more, and everything of theirs stays.
func (d *Declared) Leave(ctx context.Context, was *declare.Held) (*declare.Held, error) {
	p, _ := was.Raw.(declaredPerson)
	var out declaredPerson
	err := d.caller.Do(ctx, ory.Request{Method: http.MethodPut, Path: personPath(was.Ref), Body: personBody{
		SchemaID: p.SchemaID, State: "inactive", Traits: p.Traits, MetadataPublic: p.MetadataPublic, MetadataAdmin: p.MetadataAdmin,
	}}, &out)
	if err != nil {
		return nil, explainPerson(err)
	}
	return holding(declare.Want{Identity: &declare.Identity{Key: was.Name}}, out)
}

// Delete removes a person with everything of theirs.
func (d *Declared) Delete(ctx context.Context, was *declare.Held) error {
	return explainPerson(d.caller.Do(ctx, ory.Request{Method: http.MethodDelete, Path: personPath(was.Ref)}, nil))
}

func personPath(id string) string { return pathIdentities + "/" + url.PathEscape(id) }

// body is a person with the mark, over the metadata that there is.
func body(i declare.Identity, m declare.Mark, before json.RawMessage) (personBody, error) {
	var there exact
	_ = there.UnmarshalJSON(before) // never fails
	admin, err := json.Marshal(over(there, i.MetadataAdmin))
	if err != nil {
		return personBody{}, fmt.Errorf("encoding metadata_admin: %w", err)
	}
	m.Digest = "" // the ledger has it, and whoever reads people has no use for it
	if admin, err = declare.Marked(admin, m); err != nil {
		return personBody{}, err
	}
	return personBody{
		SchemaID: i.Schema, State: i.State, Traits: i.Traits, MetadataPublic: i.MetadataPublic, MetadataAdmin: admin,
	}, nil
}

func passwordOf(password, hash string) *credentials {
	if password == "" && hash == "" {
		return nil
	}
	c := &credentials{}
	c.Password.Config.Password, c.Password.Config.HashedPassword = password, hash
	return c
}

// explainPerson names the answers that the caller acts on, and keeps Kratos' reason of the others: never the
// whole answer, which may repeat what was sent.
func explainPerson(err error) error {
	var status *ory.StatusError
	if err == nil || !errors.As(err, &status) {
		return err
	}
	switch status.Status {
	case http.StatusNotFound:
		return declare.ErrNotFound
	case http.StatusConflict:
		return declare.ErrExists
	}
	var body struct {
		Error struct {
			Reason string `json:"reason"`
		} `json:"error"`
	}
	_ = json.Unmarshal(status.Body, &body) // a body of another shape leaves the reason empty
	if body.Error.Reason == "" {
		return fmt.Errorf("kratos answered %d", status.Status)
	}
	// What the schema refuses is named, and not repeated: the reason quotes the value.
	if _, rest, ok := strings.Cut(body.Error.Reason, "I[#/"); ok {
		at, _, _ := strings.Cut(rest, "]")
		return fmt.Errorf("the identity schema refuses %s", strings.ReplaceAll(at, "/", "."))
	}
	return fmt.Errorf("kratos answered %d: %.300s", status.Status, body.Error.Reason)
}
