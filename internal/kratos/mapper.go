package kratos

import (
	"encoding/json"
	"strings"

	"example.com/identityd/internal/ory"
)

// mapper returns the Jsonnet that makes traits of what a provider says of a person.
//
// Ours sets email, name and username where the schema of new accounts has them, because Kratos refuses a
// trait that the schema does not know. An address counts as verified only when the provider vouches for
// it: whoever may write any address into an account of his at a provider would take over the account of
// that address here. Microsoft vouches for none in email, which an administrator of any directory may
// set, but in xms_edov, which an application has to ask for.
func mapper(p Provider) string {
	if p.Mapper != "" {
		return p.Mapper
	}
	verified := "std.objectHas(claims, 'email_verified') && claims.email_verified"
	if p.Kind == "microsoft" {
		verified = "std.objectHas(claims, 'raw_claims') && std.objectHas(claims.raw_claims, 'xms_edov') && " +
			"std.member(['1', 'true'], std.asciiLower(std.toString(claims.raw_claims.xms_edov)))"
	}
	traits, err := json.Marshal(p.Traits)
	if err != nil {
		traits = []byte("[]") // texts always encode
	}
	return strings.NewReplacer("$VERIFIED", verified, "$TRAITS", string(traits)).Replace(mapping)
}

// CheckMapper says what is wrong with a mapper of the operator's, as far as that can be seen without running
// it: Kratos would find out when somebody signs in.
func CheckMapper(name, text string) error { return ory.ParseJsonnet(name, text) }

// Accounts with a user name get none from a provider that has no such thing; the page asks for it then.
const mapping = `local claims = std.extVar('claims');
local known = $TRAITS;
local text(key) = if std.objectHas(claims, key) && std.isString(claims[key]) then claims[key] else '';
local email = text('email');
local verified = email != '' && ($VERIFIED);
local whole = if text('name') != '' then text('name')
  else std.stripChars(text('given_name') + ' ' + text('family_name'), ' ');
local offered = { email: email, name: std.substr(whole, 0, 200) };
{
  identity: {
    traits: { [key]: offered[key] for key in std.objectFields(offered) if offered[key] != '' && std.member(known, key) },
    [if verified then 'verified_addresses']: [{ via: 'email', value: email }],
  },
}
`
