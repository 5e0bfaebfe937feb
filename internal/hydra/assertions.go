package hydra

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// untimely says why a client assertion is none at this time, or nothing. Hydra would answer 500
// (docs/ory-quirks.md#q114). Nothing is verified here: what passes, or is no assertion at all, is Hydra's.
func untimely(assertion string, now time.Time) string {
	_, rest, _ := strings.Cut(assertion, ".")
	payload, _, ok := strings.Cut(rest, ".")
	if !ok {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return ""
	}
	var claims struct {
		Ends   float64 `json:"exp"`
		Issued float64 `json:"iat"`
		Begins float64 `json:"nbf"`
	}
	if json.Unmarshal(raw, &claims) != nil {
		return ""
	}
	// As fosite compares: whole seconds, and zero is none.
	at := now.Unix()
	switch ends, issued, begins := int64(claims.Ends), int64(claims.Issued), int64(claims.Begins); {
	case ends != 0 && at > ends:
		return fmt.Sprintf("it expired %d s ago ('exp')", at-ends)
	case issued != 0 && at < issued:
		return fmt.Sprintf("it was issued %d s in the future ('iat')", issued-at)
	case begins != 0 && at < begins:
		return fmt.Sprintf("it begins %d s in the future ('nbf')", begins-at)
	}
	return ""
}

// refuseAssertion answers in the form of RFC 6749 section 5.2.
func (e *Engine) refuseAssertion(w http.ResponseWriter, r *http.Request, why string) {
	e.answerTo(w, r, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusUnauthorized)
		// The client may be gone; there is nobody to tell.
		_ = json.NewEncoder(w).Encode(map[string]string{
			"error":             "invalid_client",
			"error_description": "The client assertion is not valid by the clock of this server: " + why + ". Check the clock of the client.",
		})
	})
}
