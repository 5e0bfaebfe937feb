package kratos

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
)

// RevokeSession ends another session of whoever the cookies belong to. One that is gone already, or
// belongs to somebody else, is no error and is left alone.
func (c *Client) RevokeSession(ctx context.Context, cookie, id string) error {
	return translate(c.public.Do(ctx, ory.Request{
		Method: http.MethodDelete, Path: "/sessions/" + url.PathEscape(id), Header: cookies(cookie),
	}, nil))
}

// RevokeOtherSessions ends every session of whoever the cookies belong to, but the one that asks.
func (c *Client) RevokeOtherSessions(ctx context.Context, cookie string) error {
	return translate(c.public.Do(ctx, ory.Request{
		Method: http.MethodDelete, Path: "/sessions", Header: cookies(cookie),
	}, nil))
}

// DeleteIdentity removes a person with their sessions, credentials and addresses.
func (c *Client) DeleteIdentity(ctx context.Context, id string) error {
	return translate(c.admin.Do(ctx, ory.Request{
		Method: http.MethodDelete, Path: "/admin/identities/" + url.PathEscape(id),
	}, nil))
}

// credential is a credential as Kratos' admin API has it. What is not named here, every secret but
// the presence of a password among it, is not even decoded.
type credential struct {
	Type        string    `json:"type"`
	Identifiers []string  `json:"identifiers"`
	CreatedAt   time.Time `json:"created_at"`
	Config      struct {
		HashedPassword present `json:"hashed_password"`
		Migrates       bool    `json:"use_password_migration_hook"`
		RecoveryCodes  []struct {
			UsedAt time.Time `json:"used_at"`
		} `json:"recovery_codes"`
		Credentials []struct {
			DisplayName string    `json:"display_name"`
			AddedAt     time.Time `json:"added_at"`
		} `json:"credentials"`
	} `json:"config"`
}

var errCredential = errors.New("decoding a credential: it is not as kratos writes it")

// present says that a text is there and not empty, and forgets it.
type present bool

// UnmarshalJSON implements json.Unmarshaler.
func (p *present) UnmarshalJSON(raw []byte) error {
	*p = len(raw) > len(`""`) && string(raw) != "null"
	return nil
}

// FactorsOf returns the ways in which a person can prove who they are. Kratos keeps rows for methods
// that were never set up (docs/ory-quirks.md#q74); these are left out.
func (c *Client) FactorsOf(ctx context.Context, person string) ([]identity.Factor, error) {
	var out struct {
		Credentials map[string]json.RawMessage `json:"credentials"`
	}
	err := c.admin.Do(ctx, ory.Request{
		Path: "/admin/identities/" + url.PathEscape(person),
		// Without these the configurations are left out, which say whether a password is set, how many
		// codes are left and which keys there are.
		Query: url.Values{"include_credential": {
			identity.PasswordCredential, identity.RecoveryCodesCredential,
			identity.SecurityKeyCredential, identity.PasskeyCredential,
		}},
	}, &out)
	if err != nil {
		return nil, translate(err)
	}
	var list []identity.Factor
	for _, raw := range out.Credentials {
		var each credential
		if err := json.Unmarshal(raw, &each); err != nil {
			// The text of the error would quote what is in there.
			return nil, errCredential
		}
		if known, ok := each.known(); ok {
			list = append(list, known)
		}
	}
	slices.SortFunc(list, func(a, b identity.Factor) int { return strings.Compare(a.Type, b.Type) })
	return list, nil
}

func (c credential) known() (identity.Factor, bool) {
	out := identity.Factor{Type: c.Type, Identifiers: c.Identifiers, SetAt: c.CreatedAt}
	switch c.Type {
	case identity.PasswordCredential:
		return out, bool(c.Config.HashedPassword) || c.Config.Migrates
	case identity.RecoveryCodesCredential:
		out.Identifiers = nil // an id of Kratos' own
		for _, code := range c.Config.RecoveryCodes {
			out.Codes++
			if code.UsedAt.IsZero() {
				out.Left++
			}
		}
		return out, out.Codes > 0
	case identity.SecurityKeyCredential, identity.PasskeyCredential:
		out.Identifiers = nil // the handle of the person, or their address
		for _, key := range c.Config.Credentials {
			out.Keys = append(out.Keys, identity.Key{Name: key.DisplayName, AddedAt: key.AddedAt})
		}
		return out, len(out.Keys) > 0
	case identity.TOTPCredential:
		out.Identifiers = nil
		return out, true
	case identity.ProviderCredential:
		return out, len(c.Identifiers) > 0
	default:
		return out, false
	}
}
