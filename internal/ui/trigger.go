package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/internal/identity"
)

// webAuthnPath is where Kratos serves the script that passkeys and security keys need. On one origin the
// gateway sends it to Kratos; on several the UI answers in its place, so that the content security policy
// names no other origin (docs/ory-quirks.md#q59).
const webAuthnPath = "/.well-known/ory/webauthn.js"

// script is a file that a page loads, deferred and in order.
type script struct{ Source, Integrity string }

// newScript returns the script of a node, if it is the one that we know. The address carries a mark of
// its content, because browsers keep it for a day.
func newScript(node identity.Node) (script, bool) {
	attr := node.Attributes
	from, err := url.Parse(attr.Source)
	if err != nil || !strings.HasSuffix(from.Path, webAuthnPath) || !strings.HasPrefix(attr.Integrity, "sha") {
		return script{}, false
	}
	sum := sha256.Sum256([]byte(attr.Integrity))
	return script{Source: webAuthnPath + "?v=" + hex.EncodeToString(sum[:6]), Integrity: attr.Integrity}, true
}

// trigger returns the function of Kratos' script that a node asks for, or nothing for any other name:
// nothing that came in a flow is ever evaluated.
func trigger(name string) string {
	if !strings.HasPrefix(name, "oryWebAuthn") && !strings.HasPrefix(name, "oryPasskey") || len(name) > 64 ||
		strings.ContainsFunc(name, func(c rune) bool { return !isWord(c) || c == '_' }) {
		return ""
	}
	return name
}

// needsScript says whether a node is of no use without a script: Kratos' passkey and WebAuthn
// buttons, and the script itself.
func needsScript(node identity.Node) bool {
	attr := node.Attributes
	return node.Type == "script" || attr.OnClickTrigger != "" ||
		attr.Type == "button" && attr.Name != "" && attr.Value == nil
}

// webAuthnScript answers for Kratos where pages and Kratos have origins of their own.
func (u *UI) webAuthnScript(w http.ResponseWriter, r *http.Request) error {
	body, err := u.cfg.Flows.WebAuthnScript(r.Context())
	if err != nil {
		return err
	}
	writeAsset(w, r, asset{body: body, contentType: contentType(".js")}, "public, max-age=86400")
	return nil
}

// unknownNodes tells the operator once of each kind of node that these pages do not know.
func (u *UI) unknownNodes(r *http.Request, kinds []string) {
	for _, kind := range kinds {
		if _, told := u.told.LoadOrStore(kind, true); !told {
			u.cfg.Log.WarnContext(r.Context(), "flow has a node that the pages do not know", "node", kind)
		}
	}
}
