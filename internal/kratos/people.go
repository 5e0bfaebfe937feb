package kratos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	"github.com/ory/herodot"
	"github.com/ory/jsonschema/v3"
	kidentity "github.com/ory/kratos/identity"
	kpersistence "github.com/ory/kratos/persistence"
	"github.com/ory/kratos/schema"
	"github.com/ory/kratos/text"

	"example.com/identityd/internal/lookalike"
)

// people is the persister, and stores nobody whose name looks like another one or whose imported password
// costs too much to compare, whatever the door: a sign-up, the settings, the admin API and its imports
// (docs/ory-quirks.md#q89). Kratos' validator is a type that cannot be replaced. What somebody had before
// stays usable: only what a change brings is judged.
type people struct{ kpersistence.Persister }

// WithNetworkID keeps the wrapping.
func (p people) WithNetworkID(id uuid.UUID) kpersistence.Persister {
	return people{p.Persister.WithNetworkID(id)}
}

// CreateIdentity implements identity.PrivilegedPool.
func (p people) CreateIdentity(ctx context.Context, i *kidentity.Identity) error {
	if err := judge(i, nil); err != nil {
		return err
	}
	return p.Persister.CreateIdentity(ctx, i)
}

// CreateIdentities implements identity.PrivilegedPool. One that is refused does not stop the others, which Kratos
// promises and rolls back: it returns who failed out of its transaction, as an error (docs/ory-quirks.md#q210).
func (p people) CreateIdentities(ctx context.Context, list ...*kidentity.Identity) error {
	failed := &kidentity.CreateIdentitiesError{}
	err := p.Transaction(ctx, func(ctx context.Context, _ *pop.Connection) error {
		failed = &kidentity.CreateIdentitiesError{}
		err := p.createIdentities(ctx, list)
		if errors.As(err, &failed) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return failed.ErrOrNil()
}

func (p people) createIdentities(ctx context.Context, list []*kidentity.Identity) error {
	failed, good := &kidentity.CreateIdentitiesError{}, make([]*kidentity.Identity, 0, len(list))
	for _, i := range list {
		var refused *refusal
		if errors.As(judge(i, nil), &refused) {
			failed.AddFailedIdentity(i, herodot.ErrBadRequest.WithReason(refused.Error()).WithWrap(refused))
			continue
		}
		good = append(good, i)
	}
	if len(good) > 0 {
		err := p.Persister.CreateIdentities(ctx, good...)
		if partial := new(kidentity.CreateIdentitiesError); errors.As(err, &partial) {
			failed.Merge(partial)
		} else if err != nil {
			return err
		}
	}
	return failed.ErrOrNil()
}

// UpdateIdentity implements identity.PrivilegedPool.
func (p people) UpdateIdentity(ctx context.Context, i *kidentity.Identity) error {
	if judge(i, nil) != nil {
		// Rare enough to look at what there was.
		before, err := p.GetIdentityConfidential(ctx, i.ID)
		if err != nil {
			return err
		}
		if err := judge(i, before); err != nil {
			return err
		}
	}
	return p.Persister.UpdateIdentity(ctx, i)
}

// judge returns why a person must not be stored, of what is not in before.
func judge(i, before *kidentity.Identity) error {
	had := map[string]bool{}
	if before != nil {
		for _, name := range namesOf(before) {
			had[name] = true
		}
	}
	for _, name := range namesOf(i) {
		if fault := lookalike.Check(name); fault != lookalike.None && !had[name] {
			return refuse(pointer(i.Traits, name), fault.String())
		}
	}
	hash := hashOf(i)
	if reason := costly(hash); reason != "" && (before == nil || !bytes.Equal(hash, hashOf(before))) {
		return refuse("#/credentials/password/config/hashed_password", reason)
	}
	return nil
}

// namesOf returns what a person is known and found by, each once.
func namesOf(i *kidentity.Identity) []string {
	names := map[string]bool{}
	for _, kind := range []kidentity.CredentialsType{
		kidentity.CredentialsTypePassword, kidentity.CredentialsTypeCodeAuth, kidentity.CredentialsTypeWebAuthn,
	} {
		for _, name := range i.Credentials[kind].Identifiers {
			names[name] = true
		}
	}
	for _, a := range i.VerifiableAddresses {
		names[a.Value] = true
	}
	for _, a := range i.RecoveryAddresses {
		names[a.Value] = true
	}
	delete(names, "")
	return slices.Sorted(maps.Keys(names))
}

// pointer finds the trait that a name came from, which Kratos keeps in lower case.
func pointer(traits kidentity.Traits, name string) string {
	var v any
	if json.Unmarshal(traits, &v) != nil {
		return "#/traits"
	}
	if at, ok := find(v, "#/traits", name); ok {
		return at
	}
	return "#/traits"
}

func find(v any, at, name string) (string, bool) {
	switch x := v.(type) {
	case string:
		return at, strings.EqualFold(strings.TrimSpace(x), strings.TrimSpace(name)) || strings.ToLower(x) == name
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(x)) {
			if found, ok := find(x[key], at+"/"+key, name); ok {
				return found, true
			}
		}
	case []any:
		for n, one := range x {
			if found, ok := find(one, fmt.Sprintf("%s/%d", at, n), name); ok {
				return found, true
			}
		}
	}
	return "", false
}

// refusal is an error at a field to a form, and 400 to the admin API.
type refusal struct{ *schema.ValidationError }

func refuse(at, reason string) error {
	reason = "the value " + reason
	return &refusal{&schema.ValidationError{
		ValidationError: &jsonschema.ValidationError{Message: reason, InstancePtr: at},
		Messages:        new(text.Messages).Add(text.NewValidationErrorGeneric(reason)),
	}}
}

// Error says what is wrong, without the value.
func (r *refusal) Error() string {
	return strings.TrimPrefix(r.InstancePtr, "#/") + ": " + r.Message
}

// Unwrap lets the forms find what they know.
func (r *refusal) Unwrap() error { return r.ValidationError }

// StatusCode implements herodot.StatusCodeCarrier.
func (*refusal) StatusCode() int { return http.StatusBadRequest }
