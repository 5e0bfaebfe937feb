package kratos

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/uuid"
	"github.com/ory/herodot"
	kidentity "github.com/ory/kratos/identity"
)

// The kinds of factors, as Kratos calls the credentials; factorAll is all of them.
const (
	factorTOTP     = string(kidentity.CredentialsTypeTOTP)
	factorLookup   = string(kidentity.CredentialsTypeLookup)
	factorWebAuthn = string(kidentity.CredentialsTypeWebAuthn)
	factorPasskey  = string(kidentity.CredentialsTypePasskey)
	factorAll      = "all"
)

func factorKinds() []string {
	return []string{factorTOTP, factorLookup, factorWebAuthn, factorPasskey, factorAll}
}

// factor is a second factor or a passkey, without anything that is secret.
type factor struct {
	Kind string `json:"kind"`
	// Key names one of several keys or passkeys, as the account page does.
	Key  string `json:"key,omitempty"`
	Name string `json:"name,omitempty"`
	// First is true of what signs in by itself.
	First bool `json:"first"`
	// Left are the recovery codes that were not used.
	Left    *int       `json:"codes_left,omitempty"`
	AddedAt *time.Time `json:"added_at"`

	in kidentity.CredentialsType
}

// is reports whether a request for a kind means this one.
func (f factor) is(kind string) bool { return kind == factorAll || f.Kind == kind }

// listFactors answers what somebody signs in with besides a password.
func (e *Engine) listFactors(r *http.Request) (any, error) {
	id, err := uuid.FromString(r.PathValue("id"))
	if err != nil {
		return nil, herodot.ErrBadRequest.WithReason("The id of an identity is a UUID.")
	}
	who, err := e.registry.Persister().GetIdentityConfidential(r.Context(), id)
	if err != nil {
		return nil, err
	}
	list, err := factorsOf(who)
	return map[string]any{"identity": id.String(), "factors": list}, err
}

// factorsOf reads the credentials. A key that is for signing in without a password, which older installations have
// among the security keys, is a passkey.
func factorsOf(who *kidentity.Identity) ([]factor, error) {
	out := []factor{}
	for kind, c := range who.Credentials {
		var config struct {
			kidentity.CredentialsWebAuthnConfig
			kidentity.CredentialsLookupConfig
			kidentity.CredentialsTOTPConfig
		}
		added := c.CreatedAt.UTC()
		if len(c.Config) > 0 {
			if err := json.Unmarshal(c.Config, &config); err != nil {
				return nil, fmt.Errorf("reading credentials: %w", err)
			}
		}
		switch kind {
		case kidentity.CredentialsTypeTOTP:
			if config.TOTPURL != "" {
				out = append(out, factor{Kind: factorTOTP, AddedAt: &added, in: kind})
			}
		case kidentity.CredentialsTypeLookup:
			left := 0
			for _, code := range config.RecoveryCodes {
				if time.Time(code.UsedAt).IsZero() {
					left++
				}
			}
			if len(config.RecoveryCodes) > 0 {
				out = append(out, factor{Kind: factorLookup, Left: &left, AddedAt: &added, in: kind})
			}
		case kidentity.CredentialsTypeWebAuthn, kidentity.CredentialsTypePasskey:
			for _, key := range config.Credentials {
				at := key.AddedAt.UTC()
				f := factor{Kind: factorWebAuthn, Key: keyOf(key), Name: oneLine(key.DisplayName), AddedAt: &at, in: kind}
				if kind == kidentity.CredentialsTypePasskey || key.IsPasswordless {
					f.Kind, f.First = factorPasskey, true
				}
				out = append(out, f)
			}
		}
	}
	slices.SortFunc(out, func(a, b factor) int { return strings.Compare(a.Kind+a.Key, b.Kind+b.Key) })
	return out, nil
}

// keyOf is how the forms of Kratos name a key.
func keyOf(key kidentity.CredentialWebAuthn) string { return fmt.Sprintf("%x", key.ID) }

// without takes a factor from somebody.
func without(who *kidentity.Identity, f factor) error {
	if f.Key == "" {
		who.DeleteCredentialsType(f.in)
		return nil
	}
	c, ok := who.GetCredentials(f.in)
	if !ok {
		return nil
	}
	var config kidentity.CredentialsWebAuthnConfig
	if err := json.Unmarshal(c.Config, &config); err != nil {
		return fmt.Errorf("reading credentials: %w", err)
	}
	config.Credentials = slices.DeleteFunc(config.Credentials, func(key kidentity.CredentialWebAuthn) bool { return keyOf(key) == f.Key })
	if len(config.Credentials) == 0 {
		who.DeleteCredentialsType(f.in)
		return nil
	}
	return who.SetCredentialsWithConfig(f.in, *c, config)
}
