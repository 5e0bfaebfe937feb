package ui

import (
	"net/url"
	"strings"
	"unicode"

	"example.com/identityd/internal/identity"
)

// maxChallenge is far above what Hydra 2.3 makes (it seals the whole request into a challenge).
const maxChallenge = 16 << 10

// maxReturnTo leaves room for a return address of ours that carries a challenge.
const maxReturnTo = maxChallenge + 4<<10

// validChallenge says whether a challenge may be passed on: the alphabet of Hydra's, which needs no
// quoting anywhere.
func validChallenge(challenge string) bool {
	if challenge == "" || len(challenge) > maxChallenge {
		return false
	}
	for _, c := range challenge {
		if !isWord(c) && !strings.ContainsRune("-.~=", c) {
			return false
		}
	}
	return true
}

func isWord(c rune) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// validReturnTo says whether an address may be passed on as return_to. Whether it is allowed is for
// Kratos to say (its list allowed_return_urls); what browsers read differently from us is refused.
func validReturnTo(raw string) bool {
	if raw == "" || len(raw) > maxReturnTo || strings.ContainsFunc(raw, unicode.IsControl) ||
		strings.ContainsAny(raw, "\\ ") {
		return false
	}
	u, err := url.Parse(raw)
	if err != nil || u.User != nil {
		return false
	}
	if u.Scheme == "" {
		return u.Host == "" && strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//")
	}
	return isWeb(u)
}

// passOn returns the parameters that a new flow of a kind may start with. Anything else is dropped.
func (u *UI) passOn(kind identity.FlowKind, query url.Values) (url.Values, error) {
	out := url.Values{}
	if challenge := query.Get("login_challenge"); challenge != "" {
		// Without it a person would end up signed in, but not at the application they came from.
		if !validChallenge(challenge) {
			return nil, badChallenge()
		}
		out.Set("login_challenge", challenge)
	}
	if returnTo := query.Get("return_to"); validReturnTo(returnTo) {
		out.Set("return_to", returnTo)
	}
	if kind != identity.Login && kind != identity.Registration {
		return u.resume(out), nil
	}
	if query.Get("refresh") == "true" {
		out.Set("refresh", "true")
	}
	if aal := query.Get("aal"); aal == "aal1" || aal == "aal2" {
		out.Set("aal", aal)
	}
	if via := query.Get("via"); via != "" && len(via) <= 254 &&
		!strings.ContainsFunc(via, unicode.IsControl) {
		out.Set("via", via)
	}
	return out, nil
}

func badChallenge() error {
	return &identity.Error{
		Code:    identity.BadRequest,
		Message: "The link that brought you here is incomplete or damaged.",
	}
}

func isWeb(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// sameOrigin compares as browsers do: without case, and with the default ports left out.
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) &&
		port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	default:
		return "80"
	}
}

// ours says whether an address belongs to the UI or to one of the two engines.
func (u *UI) ours(raw string) bool {
	to, err := url.Parse(raw)
	if err != nil || !isWeb(to) || to.User != nil {
		return false
	}
	return sameOrigin(to, u.at.ui) || sameOrigin(to, u.at.kratos) || sameOrigin(to, u.at.hydra)
}
