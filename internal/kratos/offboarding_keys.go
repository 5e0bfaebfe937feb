package kratos

import (
	"encoding/hex"
	"encoding/json"

	kidentity "github.com/ory/kratos/identity"
)

// keysOf names what there is of a factor. Of codes and authenticator applications there is one, whatever it holds:
// a code that was used up and new codes in the place of old ones take nothing away.
func keysOf(kind kidentity.CredentialsType, c *kidentity.Credentials) []string {
	switch kind {
	case kidentity.CredentialsTypeTOTP:
		var conf kidentity.CredentialsTOTPConfig
		if json.Unmarshal(c.Config, &conf) != nil || conf.TOTPURL == "" {
			return nil
		}
		return []string{"totp"}
	case kidentity.CredentialsTypeLookup:
		var conf kidentity.CredentialsLookupConfig
		if json.Unmarshal(c.Config, &conf) != nil || len(conf.RecoveryCodes) == 0 {
			return nil
		}
		return []string{"codes"}
	case kidentity.CredentialsTypeWebAuthn, kidentity.CredentialsTypePasskey:
		var conf kidentity.CredentialsWebAuthnConfig
		if json.Unmarshal(c.Config, &conf) != nil {
			return nil
		}
		var out []string
		for _, key := range conf.Credentials {
			out = append(out, hex.EncodeToString(key.ID))
		}
		return out
	case kidentity.CredentialsTypeOIDC:
		var conf kidentity.CredentialsOIDC
		if json.Unmarshal(c.Config, &conf) != nil {
			return nil
		}
		var out []string
		for _, p := range conf.Providers {
			out = append(out, p.Provider+":"+p.Subject)
		}
		return out
	}
	return nil
}
