package hydra

import (
	"bytes"
	"encoding/json"

	jose "github.com/go-jose/go-jose/v3/json"
	"github.com/ory/fosite"
	hoauth2 "github.com/ory/hydra/v2/oauth2"
	"github.com/tidwall/gjson"
)

// decodeSession fills in a session. Hydra's own way looks for each of 24 names that members had before 2022,
// and copies the text as often to remove them (docs/ory-quirks.md#q116). Where none of the outer ones is there,
// which all of them are below, it does nothing else than this.
func decodeSession(raw []byte, into fosite.Session) error {
	s, ok := into.(*hoauth2.Session)
	if !ok || hasOldNames(raw) {
		return json.Unmarshal(raw, into)
	}
	type plain hoauth2.Session // without UnmarshalJSON
	d := jose.NewDecoder(bytes.NewReader(raw))
	d.SetNumberType(jose.UnmarshalIntOrFloat)
	return d.Decode((*plain)(s))
}

// hasOldNames also holds for what is no object.
func hasOldNames(raw []byte) bool {
	doc := gjson.ParseBytes(raw)
	if !doc.IsObject() {
		return true
	}
	old := false
	doc.ForEach(func(key, _ gjson.Result) bool {
		switch key.Str {
		case "Extra", "KID", "ClientID", "ConsentChallenge", "ExcludeNotBeforeClaim", "AllowedTopLevelClaims", "idToken":
			old = true
		}
		return !old
	})
	return old
}
