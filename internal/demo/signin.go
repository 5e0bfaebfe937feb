package demo

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// signedIn is what a sign-in brought, and what was done with it since.
type signedIn struct {
	id      idToken
	token   *oauth2.Token
	access  idToken // the access token taken apart, when it is a JWT
	granted []string
	// used is the refresh token that was exchanged for the present one.
	used    string
	revoked bool

	signIn                                                 []exchange
	userinfo, introspection, refreshed, replayed, revoking panel
}

// panel is the outcome of one action.
type panel struct {
	Exchanges []exchange
	Note      string
	Good      bool
	// Reply is the answer's body when it is worth seeing without unfolding anything.
	Reply string
}

// signIn sends the browser to the provider.
func (a *app) signIn(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		a.problem(w, problem{
			status: http.StatusBadRequest, Title: "That form cannot be read",
			Text: "Please go back and try again.",
		})
		return
	}
	s := a.sessions.of(r)
	if s == nil {
		s = a.sessions.start(w)
	}
	t := attempt{
		state: rand.Text(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier(),
		scopes: a.chosen(r.PostForm["scope"]), made: a.now(),
	}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(t.verifier), oidc.Nonce(t.nonce)}
	if prompt := r.PostForm.Get("prompt"); slices.Contains(prompts(), prompt) {
		options = append(options, oauth2.SetAuthURLParam("prompt", prompt))
	}
	to := a.oauth(t.scopes).AuthCodeURL(t.state, options...)
	t.request = navigation("Authorization request", to)
	s.mu.Lock()
	s.add(t)
	s.mu.Unlock()
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// prompts are the words of OpenID Connect Core 3.1.2.1 that can be tried out.
func prompts() []string { return []string{"login", "consent", "none"} }

// chosen are the scopes to ask for: openid always, and of the others those that are offered.
func (a *app) chosen(ticked []string) []string {
	var out []string
	for _, scope := range scopesOf(a.provider) {
		if scope == "openid" || slices.Contains(ticked, scope) {
			out = append(out, scope)
		}
	}
	return out
}

// navigation is a request that the browser makes. It has no curl line: it needs the person.
func navigation(name, to string) exchange {
	x := exchange{Name: name, Method: http.MethodGet, URL: to}
	if u, err := url.Parse(to); err == nil {
		x.Query = pairs(u.Query(), "")
	}
	return x
}

// callback takes the provider's answer. Nothing of it is believed before its state is found.
func (a *app) callback(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s := a.sessions.of(r)
	if s == nil {
		a.problem(w, strayAnswer())
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, fresh := s.take(q.Get("state"), a.now())
	switch {
	case t.state == "":
		a.problem(w, strayAnswer())
		return
	case !fresh:
		a.problem(w, problem{
			status: http.StatusBadRequest, Title: "That took too long",
			Text: "The sign-in was begun too long ago. Please start again.",
		})
		return
	}
	t.request.Status, t.request.OK = "answered through the browser", true
	t.request.Answer = []pair{{"Location", a.base + r.URL.RequestURI()}}
	switch iss := q.Get("iss"); {
	case iss != "" && iss != a.provider.issuer:
		a.problem(w, problem{
			status: http.StatusBadRequest, Title: "Another provider answered",
			Text:      "The answer names " + iss + ", asked was " + a.provider.issuer + " (RFC 9207). It is dropped.",
			Exchanges: []exchange{t.request},
		})
	case q.Get("error") != "":
		a.problem(w, refusal(q.Get("error"), q.Get("error_description"), []exchange{t.request}))
	case q.Get("code") == "":
		a.problem(w, problem{
			status: http.StatusBadRequest, Title: "The answer is empty",
			Text:      "The provider sent neither a code nor an error.",
			Exchanges: []exchange{t.request},
		})
	default:
		a.redeem(w, r, s, t, q.Get("code"))
	}
}

func strayAnswer() problem {
	return problem{
		status: http.StatusBadRequest, Title: "This answer belongs to no sign-in here",
		Text: "Its state is unknown in this browser, or was used already. An answer counts once, and " +
			"only in the browser that asked: anything else could be somebody else's. Please start again.",
	}
}

// redeem exchanges the code and judges what came. s is locked.
func (a *app) redeem(w http.ResponseWriter, r *http.Request, s *session, t attempt, code string) {
	rec := a.record("Token request")
	ctx := through(r.Context(), rec)
	token, err := a.oauth(t.scopes).Exchange(ctx, code, oauth2.VerifierOption(t.verifier))
	if err != nil {
		a.problem(w, tokenProblem(err, append([]exchange{t.request}, rec.seen...)))
		return
	}
	raw, _ := token.Extra("id_token").(string)
	rec.name = "Signing keys"
	id := a.provider.verify(r.Context(), rec, raw, expected{
		clientID: a.client.id, nonce: t.nonce, access: token.AccessToken,
	})
	made := append([]exchange{t.request}, rec.seen...)
	if !id.Sound {
		a.problem(w, problem{
			status: http.StatusBadGateway, Title: "The ID token is refused",
			Text:   "Nobody is signed in: an application must not use a token of which a check fails.",
			Checks: id.Checks, Exchanges: made,
		})
		return
	}
	in := &signedIn{
		id: id, token: token, access: decode(token.AccessToken), granted: t.scopes, signIn: made,
	}
	if scope, _ := token.Extra("scope").(string); scope != "" {
		in.granted = strings.Fields(scope)
	}
	a.sessions.rename(w, s)
	s.signedIn = in
	a.askUserinfo(r.Context(), in)
	a.askIntrospection(r.Context(), in)
	a.log.InfoContext(r.Context(), "person signed in")
	http.Redirect(w, r, pathTokens, http.StatusSeeOther)
}

// act is a button of the tokens page: it does its work, and shows the page again at its place.
func (a *app) act(place string, do func(context.Context, *signedIn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := a.sessions.of(r)
		if s == nil {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.signedIn == nil {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), 3*requestTime)
		defer cancel()
		do(ctx, s.signedIn)
		http.Redirect(w, r, pathTokens+"#"+place, http.StatusSeeOther)
	}
}

// left says how long a token is good for.
func left(until time.Time, now time.Time) string {
	switch d := until.Sub(now).Round(time.Second); {
	case until.IsZero():
		return "the provider does not say for how long"
	case d <= 0:
		return "expired"
	default:
		return "expires in " + d.String()
	}
}
