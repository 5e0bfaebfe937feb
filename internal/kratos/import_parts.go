package kratos

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"

	"example.com/identityd/internal/peoplefile"
)

// part is one thing that a file says of a person, and is compared by.
type part struct {
	name  string
	value any
}

// The names of parts that are no trait and no metadata.
const (
	partPassword  = "password_hash"
	partTOTP      = "totp_secret"
	partState     = "state"
	partVerified  = "verified"
	partProviders = "providers"
)

// saidOf is what a file says of a person, in an order in which it can be put.
func saidOf(p peoplefile.Person) []part {
	var out []part
	for _, m := range []struct {
		at  string
		all map[string]any
	}{{"traits", p.Traits}, {"metadata_public", p.MetadataPublic}, {"metadata_admin", p.MetadataAdmin}} {
		for _, key := range slices.Sorted(maps.Keys(m.all)) {
			out = append(out, part{m.at + "." + key, m.all[key]})
		}
	}
	for _, one := range []struct {
		part
		said bool
	}{
		{part{partVerified, p.Verified}, len(p.Verified) > 0},
		{part{partProviders, p.Providers}, len(p.Providers) > 0},
		{part{partPassword, p.PasswordHash}, p.PasswordHash != ""},
		{part{partTOTP, p.TOTPSecret}, p.TOTPSecret != ""},
		{part{partState, p.State}, p.State != ""},
	} {
		if one.said {
			out = append(out, one.part)
		}
	}
	return out
}

// digests says what a file says of a person, without saying it: the next import sees by them what is said
// otherwise. They are keyed by the person, so that two of the same value do not look the same.
func digests(id uuid.UUID, p peoplefile.Person) string {
	out := map[string]string{}
	for _, one := range saidOf(p) {
		out[one.name] = digest(id, one)
	}
	return string(jsonOf(out))
}

func digest(id uuid.UUID, p part) string {
	h := hmac.New(sha256.New, id.Bytes())
	h.Write([]byte(p.name + "\x00"))
	h.Write(jsonOf(p.value))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// put puts a part into the identity, and says what is wrong with it, empty for nothing.
func (i *importing) put(p part) string {
	switch p.name {
	case partVerified:
		i.verify()
	case partProviders:
		i.link()
	case partPassword:
		return i.setPassword()
	case partTOTP:
		return i.setTOTP()
	case partState:
		i.who.State = kidentity.State(i.in.State)
	default:
		at, key, _ := strings.Cut(p.name, ".")
		switch at {
		case "traits":
			i.who.Traits = kidentity.Traits(with(i.who.Traits, key, p.value))
		case "metadata_public":
			i.who.MetadataPublic = with(i.who.MetadataPublic, key, p.value)
		case "metadata_admin":
			i.who.MetadataAdmin = with(i.who.MetadataAdmin, key, p.value)
		}
	}
	return ""
}

// with lays one key over an object.
func with(object []byte, key string, value any) []byte {
	var all exact
	if err := json.Unmarshal(object, &all); err != nil || all == nil {
		all = exact{}
	}
	all[key] = value
	return jsonOf(map[string]any(all))
}

// verify marks addresses. Which of them a person has is the schema's to say.
func (i *importing) verify() {
	for _, value := range i.in.Verified {
		via := kidentity.AddressTypeSMS
		if strings.Contains(value, "@") {
			via, value = kidentity.AddressTypeEmail, strings.ToLower(strings.TrimSpace(value))
		}
		at := slices.IndexFunc(i.who.VerifiableAddresses, func(a kidentity.VerifiableAddress) bool { return a.Value == value && a.Via == via })
		if at < 0 {
			i.who.VerifiableAddresses = append(i.who.VerifiableAddresses, *kidentity.NewVerifiableAddress(value, i.who.ID, via))
			at = len(i.who.VerifiableAddresses) - 1
		}
		a := &i.who.VerifiableAddresses[at]
		if !a.Verified {
			a.Verified, a.Status, a.VerifiedAt = true, kidentity.VerifiableAddressStatusCompleted, nil
		}
	}
}

// link adds accounts elsewhere to those that there are.
func (i *importing) link() {
	var config kidentity.CredentialsOIDC
	had, _ := i.who.GetCredentials(kidentity.CredentialsTypeOIDC)
	if had != nil {
		_ = json.Unmarshal(had.Config, &config) // Kratos wrote it
	} else {
		had = &kidentity.Credentials{}
	}
	for _, p := range i.in.Providers {
		name := kidentity.OIDCUniqueID(p.Provider, p.Subject)
		if !slices.Contains(had.Identifiers, name) {
			had.Identifiers = append(had.Identifiers, name)
			config.Providers = append(config.Providers, kidentity.CredentialsOIDCProvider{Provider: p.Provider, Subject: p.Subject})
		}
	}
	_ = i.who.SetCredentialsWithConfig(kidentity.CredentialsTypeOIDC, *had, config) // it is plain JSON
}

func (i *importing) setPassword() string {
	if reason := CheckHash(i.in.PasswordHash); reason != "" {
		return reason
	}
	had := i.who.GetCredentialsOr(kidentity.CredentialsTypePassword, &kidentity.Credentials{})
	_ = i.who.SetCredentialsWithConfig(kidentity.CredentialsTypePassword, *had, // it is plain JSON
		kidentity.CredentialsPassword{HashedPassword: i.in.PasswordHash})
	return ""
}

// setTOTP keeps an authenticator app, which Kratos' own import does not (docs/ory-quirks.md#q212).
func (i *importing) setTOTP() string {
	if key, err := base32Secret(i.in.TOTPSecret); err != nil || len(key) < 10 {
		return "must be a secret of 16 characters of base32 at least"
	}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + i.who.ID.String(), RawQuery: url.Values{
		"secret": {i.in.TOTPSecret}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"},
	}.Encode()}
	_ = i.who.SetCredentialsWithConfig(kidentity.CredentialsTypeTOTP, // it is plain JSON
		kidentity.Credentials{Identifiers: []string{i.who.ID.String()}}, kidentity.CredentialsTOTPConfig{TOTPURL: u.String()})
	return ""
}
