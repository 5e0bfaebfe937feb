package kratos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gobuffalo/pop/v6"
	"github.com/gofrs/uuid"
	"github.com/ory/herodot"
	kidentity "github.com/ory/kratos/identity"
)

// FactorRemoved is what the mail tells somebody from whose account an administrator took factors.
type FactorRemoved struct {
	// Lang is a language that the person has among their traits, or empty.
	Lang string
	// Kinds are totp, lookup_secret, webauthn and passkey, each once.
	Kinds []string
	// Login and Recovery are pages. Recovery is empty when there is none.
	Login, Recovery string
}

// factorRemoved is the kind of a record (internal/audit/kinds.go).
const factorRemoved = "FactorRemoved"

// resetFactors takes second factors and passkeys from somebody, which Kratos' own API does not of passkeys, nor
// of one key among several (docs/ory-quirks.md#q214). What is over for the person is settled by the order that the
// update gives (offboarding.go).
func (e *Engine) resetFactors(r *http.Request) (any, error) {
	var asked struct {
		Kind  string `json:"kind"`
		Key   string `json:"key"`
		Force bool   `json:"force"`
	}
	id, err := uuid.FromString(r.PathValue("id"))
	if err != nil {
		return nil, herodot.ErrBadRequest.WithReason("The id of an identity is a UUID.")
	}
	if err := readAsked(r, &asked); err != nil {
		return nil, err
	}
	if !slices.Contains(factorKinds(), asked.Kind) {
		return nil, herodot.ErrBadRequest.WithReasonf("The kind has to be one of %s (got %q).", strings.Join(factorKinds(), ", "), asked.Kind)
	}
	var (
		gone []factor
		told bool
	)
	err = e.registry.Persister().Transaction(r.Context(), func(ctx context.Context, tx *pop.Connection) error {
		who, err := e.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if gone, err = chosen(who, asked.Kind, asked.Key); err != nil {
			return err
		}
		if err := e.take(ctx, who, gone, asked.Force); err != nil {
			return err
		}
		told, err = e.tellOfFactors(ctx, who, gone)
		return err
	})
	if err != nil {
		return nil, err
	}
	if e.cfg.Note != nil {
		for _, kind := range kindsOf(gone) {
			e.cfg.Note(r.Context(), Noted{Kind: factorRemoved, Subject: id.String(), Details: map[string]string{"what": kind, "by": "administrator"}})
		}
	}
	return map[string]any{"identity": id.String(), "removed": gone, "told": told}, nil
}

// chosen are the factors that are meant. The beginning of a key is enough.
func chosen(who *kidentity.Identity, kind, key string) ([]factor, error) {
	list, err := factorsOf(who)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(f factor) bool { return !f.is(kind) || !strings.HasPrefix(f.Key, strings.ToLower(key)) })
	switch {
	case len(list) == 0:
		return nil, herodot.ErrNotFound.WithReason("The person has none of this kind and key; identityd identity factors lists them.")
	case key != "" && len(list) > 1:
		return nil, herodot.ErrBadRequest.WithReasonf("The key is the beginning of %d; write more of it.", len(list))
	}
	return list, nil
}

// take stores somebody without them.
func (e *Engine) take(ctx context.Context, who *kidentity.Identity, gone []factor, force bool) error {
	manager := e.registry.IdentityManager()
	before, err := manager.CountActiveFirstFactorCredentials(ctx, who)
	if err != nil {
		return err
	}
	for _, f := range gone {
		if err := without(who, f); err != nil {
			return err
		}
	}
	if err := manager.ValidateIdentity(ctx, who, &kidentity.ManagerOptions{}); err != nil {
		return err
	}
	after, err := manager.CountActiveFirstFactorCredentials(ctx, who)
	if err != nil {
		return err
	}
	if before > 0 && after == 0 && !force {
		return herodot.ErrConflict.WithReason("This is all that the person signs in with. With --force it is removed all the same; " +
			"the person comes back in by recovery then (identityd identity recovery-link).")
	}
	if err := e.registry.PrivilegedIdentityPool().UpdateIdentity(ctx, who); err != nil {
		return fmt.Errorf("storing a person: %w", err)
	}
	return nil
}

func kindsOf(gone []factor) []string {
	var out []string
	for _, f := range gone {
		if !slices.Contains(out, f.Kind) {
			out = append(out, f.Kind)
		}
	}
	return out
}

// tellOfFactors queues a mail to each address that is the person's, where there is a way to send any.
func (e *Engine) tellOfFactors(ctx context.Context, who *kidentity.Identity, gone []factor) (bool, error) {
	to := mailOf(who)
	if e.cfg.FactorRemoved == nil || len(to) == 0 {
		return false, nil
	}
	text, err := e.cfg.FactorRemoved(FactorRemoved{
		Lang: languageOf(who), Kinds: kindsOf(gone), Login: e.cfg.Pages.Login, Recovery: e.cfg.Pages.Recovery,
	})
	if err != nil {
		return false, fmt.Errorf("writing mail: %w", err)
	}
	c, err := e.registry.Courier(ctx)
	if err != nil {
		return false, fmt.Errorf("opening the mail queue: %w", err)
	}
	for _, address := range to {
		if _, err := c.QueueEmail(ctx, &written{To: address, MailText: text}); err != nil {
			return false, errors.Join(errors.New("queueing mail"), err)
		}
	}
	return true, nil
}

// mailOf are the addresses of a person that were verified, or those of recovery where none was.
func mailOf(who *kidentity.Identity) []string {
	var out []string
	for _, a := range who.VerifiableAddresses {
		if a.Verified && a.Via == kidentity.AddressTypeEmail {
			out = append(out, a.Value)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, a := range who.RecoveryAddresses {
		if a.Via == kidentity.RecoveryAddressTypeEmail {
			out = append(out, a.Value)
		}
	}
	return out
}

// languageOf is what a person has for a language, by the names that schemas use; empty for nothing.
func languageOf(who *kidentity.Identity) string {
	var traits map[string]any
	if json.Unmarshal(who.Traits, &traits) != nil {
		return ""
	}
	for _, name := range []string{"locale", "language", "lang"} {
		if text, ok := traits[name].(string); ok {
			return text
		}
	}
	return ""
}
