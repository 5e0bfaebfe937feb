package ui

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
)

// promptParam is where Hydra's front puts the prompts that Hydra does not know (hydra.PromptParam).
const promptParam = "identityd_prompt"

// demands is what an application asks of the sign-in itself.
type demands struct {
	// Login asks for a new sign-in, Choose for the choice of an account, Create for a sign-up.
	Login, Choose, Create bool
	// Silent asks that no page be shown.
	Silent bool
	// MaxAge is how old the sign-in may be, -1 for any age.
	MaxAge time.Duration
}

// demandsOf reads an authorization request that Hydra has checked. What a request object says comes
// before the query (OpenID Connect Core 1.0, section 6.1); one that Hydra fetched from elsewhere is not at
// hand, so that a new sign-in is asked for: too many rather than one too few.
func demandsOf(requestURL string) demands {
	d := demands{MaxAge: -1}
	u, err := url.Parse(requestURL)
	if err != nil {
		return demands{Login: true}
	}
	query := u.Query()
	prompt, maxAge := query.Get("prompt"), query.Get("max_age")
	if query.Has("request_uri") {
		d.Login = true
	}
	if object := query.Get("request"); object != "" {
		claims := payload(object)
		if text, ok := claims["prompt"].(string); ok {
			prompt = text
		}
		if value, ok := claims["max_age"]; ok {
			maxAge = valueText(value)
		}
	}
	words := append(strings.Fields(prompt), strings.Fields(query.Get(promptParam))...)
	d.Login = d.Login || slices.Contains(words, "login")
	d.Silent = slices.Contains(words, "none")
	d.Choose = slices.Contains(words, "select_account")
	d.Create = slices.Contains(words, "registration") || slices.Contains(words, "create")
	if seconds, err := strconv.ParseInt(maxAge, 10, 32); err == nil && seconds >= 0 {
		d.MaxAge = time.Duration(seconds) * time.Second
	}
	return d
}

// payload reads the claims of a signed object without a look at the signature, which Hydra has checked.
func payload(object string) map[string]any {
	parts := strings.Split(object, ".")
	if len(parts) != 3 {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	var claims map[string]any
	if json.Unmarshal(raw, &claims) != nil {
		return nil
	}
	return claims
}

// ahead is how far a clock that wrote down a sign-in may be ahead of this one.
const ahead = time.Minute

// future says whether a sign-in was written down by a clock that was set back since: nobody knows how long ago
// it was, so that it is no proof of anything just now.
func future(signedIn time.Time) bool { return time.Until(signedIn) > ahead }

// recent says whether a session is as young as it has to be.
func (d demands) recent(session *identity.Session, asked time.Time) bool {
	since := session.AuthenticatedAt
	if future(since) {
		return !d.Login && d.MaxAge < 0
	}
	// Hydra counts in whole seconds.
	if !since.Before(asked.Truncate(time.Second)) {
		return true // signed in after the application asked: by way of a recovery, for instance
	}
	return !d.Login && (d.MaxAge < 0 || !since.Add(d.MaxAge).Before(time.Now()))
}

// wantsAAL2 says whether an application asks for a second factor by name.
func wantsAAL2(request *identity.LoginRequest, session *identity.Session) bool {
	return slices.Contains(request.OpenID.ACRValues, "aal2") && session.AAL != "aal2"
}

// expectsOther says whether an application hints at another person than the one who is signed in. The
// subject of a hint may be a pseudonym (pairwise), which is not compared.
func expectsOther(request *identity.LoginRequest, person identity.Identity) bool {
	if subject, ok := request.OpenID.IDTokenHint["sub"].(string); ok &&
		request.Client.SubjectType != "pairwise" && subject != person.ID {
		return true
	}
	hint := request.OpenID.LoginHint
	return hint != "" && !names(person, hint)
}

// names says whether a text is one of the names that a person signs in with.
func names(person identity.Identity, text string) bool {
	for _, value := range person.Traits {
		if own, ok := value.(string); ok && strings.EqualFold(own, text) {
			return true
		}
	}
	return slices.ContainsFunc(person.VerifiableAddresses, func(a identity.VerifiableAddress) bool {
		return strings.EqualFold(a.Value, text)
	})
}
