package peoplefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// keycloakUser is a person of a realm's export (Keycloak: UserRepresentation).
type keycloakUser struct {
	ID          string              `json:"id"`
	Username    string              `json:"username"`
	Email       string              `json:"email"`
	Verified    bool                `json:"emailVerified"`
	Enabled     *bool               `json:"enabled"`
	First       string              `json:"firstName"`
	Last        string              `json:"lastName"`
	Created     json.RawMessage     `json:"createdTimestamp"`
	Attributes  map[string][]string `json:"attributes"`
	Groups      []string            `json:"groups"`
	Roles       []string            `json:"realmRoles"`
	ClientRoles map[string][]string `json:"clientRoles"`
	Service     string              `json:"serviceAccountClientId"`
	Credentials []struct {
		Type       string `json:"type"`
		Secret     string `json:"secretData"`
		Credential string `json:"credentialData"`
	} `json:"credentials"`
	Federated []struct {
		Provider string `json:"identityProvider"`
		UserID   string `json:"userId"`
	} `json:"federatedIdentities"`
}

// keycloak reads a realm's export with users, in one file or one of several.
func keycloak(r io.Reader, o Options) Source {
	return newList(r, "an export of a realm of Keycloak with its users", []string{"users"}, func(raw []byte) (*Person, error) {
		var u keycloakUser
		if err := json.Unmarshal(raw, &u); err != nil {
			return nil, wrongType(err, "it is no person of Keycloak's export")
		}
		if u.Service != "" {
			o.Left["service accounts"]++
			return nil, errSkip
		}
		return u.person(o)
	})
}

func (u keycloakUser) person(o Options) (*Person, error) {
	p := &Person{ExternalID: first(u.ID, u.Username)}
	p.state(u.Enabled == nil || *u.Enabled)
	p.verify(u.Email, u.Verified)
	phone := first(slices.Concat(u.Attributes["phoneNumber"], u.Attributes["phone"], u.Attributes["phone_number"])...)
	err := errors.Join(
		o.offer(p, "email", u.Email, "email"), o.offer(p, "username", u.Username, "username"),
		o.named(p, "", u.First, u.Last), o.offer(p, "phone_number", phone, "phone", "phone_number"),
		o.created(p, "createdTimestamp", u.Created, time.Millisecond),
	)
	if err != nil {
		return nil, one(err)
	}
	for name, values := range u.Attributes {
		if to, mapped := o.Map[name]; mapped && len(values) > 0 {
			if word := strings.TrimPrefix(to, "metadata_public."); word == wordGroups || word == wordRoles {
				p.belongs(word, values)
				continue
			}
			if len(values) > 1 {
				o.Left["further values of "+name]++
			}
			if err := p.set(to, values[0]); err != nil {
				return nil, &Fault{Field: "attributes." + name, Reason: err.Error()}
			}
			continue
		}
		p.keep("metadata_admin.", "attributes", u.Attributes)
	}
	groups := make([]string, 0, len(u.Groups))
	for _, g := range u.Groups {
		groups = append(groups, strings.TrimPrefix(g, "/"))
	}
	p.belongs(wordGroups, groups)
	// The roles that everybody has of a realm say nothing.
	roles := slices.DeleteFunc(slices.Clone(u.Roles), func(r string) bool {
		return strings.HasPrefix(r, "default-roles-") || r == "offline_access" || r == "uma_authorization"
	})
	if u.Roles != nil {
		p.belongs(wordRoles, roles)
	}
	// A role at an application gives rights there; by its bare name it would give them everywhere.
	delete(u.ClientRoles, "account") // its own page of the account
	if len(u.ClientRoles) > 0 {
		o.Left["roles at applications (clientRoles)"]++
	}
	for _, f := range u.Federated {
		if f.UserID == "" {
			o.Left[unnamed(f.Provider)]++
			continue
		}
		p.Providers = append(p.Providers, Provider{Provider: f.Provider, Subject: f.UserID})
	}
	for _, c := range u.Credentials {
		switch c.Type {
		case "password":
			if p.PasswordHash, err = keycloakHash(c.Secret, c.Credential); err != nil {
				return nil, &Fault{Field: "credentials", Reason: err.Error()}
			}
		case "otp":
			if p.TOTPSecret = keycloakOTP(c.Secret, c.Credential); p.TOTPSecret == "" {
				o.Left["authenticator apps of another kind than 6 digits each 30 seconds"]++
			}
		default:
			o.Left["credentials of the kind "+c.Type]++
		}
	}
	return p, nil
}

// belongs adds groups or roles to those that --map had found already.
func (p *Person) belongs(word string, list []string) {
	public := p.in("metadata_public.")
	before, _ := public[word].([]string)
	public[word] = append(append([]string{}, before...), list...) // a list that is empty takes all away
}

// keycloakHash writes a hash as Kratos reads it. Both texts hold JSON.
func keycloakHash(secret, credential string) (string, error) {
	var s struct{ Value, Salt string }
	var c struct {
		Rounds    int                 `json:"hashIterations"`
		Algorithm string              `json:"algorithm"`
		More      map[string][]string `json:"additionalParameters"`
	}
	if json.Unmarshal([]byte(secret), &s) != nil || json.Unmarshal([]byte(credential), &c) != nil {
		return "", errors.New("the password cannot be read; export with secretData and credentialData, as Keycloak 9 and newer do")
	}
	key, err := anyBase64(s.Value)
	salt, err2 := anyBase64(s.Salt)
	if err != nil || err2 != nil || len(key) == 0 {
		return "", errors.New("the hash of the password is no base64")
	}
	digests := map[string]string{"pbkdf2": "sha1", "pbkdf2-sha1": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}
	if digest := digests[c.Algorithm]; digest != "" {
		return pbkdf2(digest, c.Rounds, salt, key), nil
	}
	if c.Algorithm != "argon2" {
		return "", fmt.Errorf("passwords of the algorithm %q cannot be brought along; leave the credential out, and the person comes in by recovery", c.Algorithm)
	}
	param := func(name string) string { return first(c.More[name]...) }
	kind := param("type")
	memory, err := strconv.Atoi(param("memory"))
	lanes, err2 := strconv.Atoi(param("parallelism"))
	if kind == "d" || err != nil || err2 != nil || param("version") != "" && param("version") != "1.3" {
		return "", errors.New("this kind of argon2 cannot be brought along (type id or i, version 1.3); leave the credential out, and the person comes in by recovery")
	}
	return fmt.Sprintf("$argon2%s$v=19$m=%d,t=%d,p=%d$%s$%s", first(kind, "id"), memory, c.Rounds, lanes, raw(salt), raw(key)), nil
}

// keycloakOTP is the secret of an authenticator app, empty where Kratos has no such app.
func keycloakOTP(secret, credential string) string {
	var s struct{ Value string }
	var c struct {
		SubType   string `json:"subType"`
		Digits    int    `json:"digits"`
		Period    int    `json:"period"`
		Algorithm string `json:"algorithm"`
		Encoding  string `json:"secretEncoding"`
	}
	if json.Unmarshal([]byte(secret), &s) != nil || json.Unmarshal([]byte(credential), &c) != nil ||
		c.SubType != "totp" || c.Digits != 6 || c.Period != 30 || c.Algorithm != "HmacSHA1" {
		return ""
	}
	if c.Encoding == "BASE32" {
		return s.Value
	}
	return base32Of([]byte(s.Value)) // the text itself is the key
}
