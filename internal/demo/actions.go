package demo

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// askUserinfo asks who the access token belongs to.
func (a *app) askUserinfo(ctx context.Context, in *signedIn) {
	rec := a.record("Userinfo request")
	status, body, err := a.ask(ctx, rec, http.MethodGet, a.provider.meta.Userinfo, nil, func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+in.token.AccessToken)
	})
	p := panel{Exchanges: rec.seen}
	switch subject := text(body, "sub"); {
	case err != nil:
		p.Note = unreachable(err)
	case status != http.StatusOK:
		p.Note = "The provider refuses the access token."
	case subject != in.id.Subject:
		// OpenID Connect Core 5.3.2: answers of another subject must not be used.
		p.Note = "The answer is about somebody else (sub differs from the ID token's) and must not be used."
	default:
		p.Note, p.Good, p.Reply = "sub is the ID token's, as it has to be.", true, pretty(body)
	}
	in.userinfo = p
}

// askIntrospection asks Hydra what the access token is worth, as a resource server would.
func (a *app) askIntrospection(ctx context.Context, in *signedIn) {
	x, active, note := a.introspect(ctx, in)
	in.introspection = panel{Exchanges: x, Note: note, Good: active}
	if active {
		in.introspection.Reply = x[len(x)-1].Reply
	}
}

func (a *app) introspect(ctx context.Context, in *signedIn) ([]exchange, bool, string) {
	rec := a.record("Introspection request")
	form := url.Values{"token": {in.token.AccessToken}}
	status, body, err := a.ask(ctx, rec, http.MethodPost, a.cfg.AdminURL+"/admin/oauth2/introspect", form, nil)
	var answer struct {
		Active *bool `json:"active"`
	}
	switch {
	case err != nil:
		return rec.seen, false, "Introspection is asked at Hydra's admin API, which does not answer at " +
			a.cfg.AdminURL + "."
	case status != http.StatusOK || json.Unmarshal(body, &answer) != nil || answer.Active == nil:
		return rec.seen, false, a.cfg.AdminURL + " answers, but not as Hydra's admin API."
	case !*answer.Active:
		return rec.seen, false, "The access token is not active: a resource server has to refuse it."
	default:
		return rec.seen, true, "The access token is active."
	}
}

// refresh exchanges the refresh token for new ones.
func (a *app) refresh(ctx context.Context, in *signedIn) {
	old := in.token.RefreshToken
	if old == "" {
		in.refreshed = panel{Note: "There is no refresh token: sign in again with the scope offline_access."}
		return
	}
	rec := a.record("Refresh request")
	fresh, err := a.exchangeRefresh(ctx, rec, old)
	if err != nil {
		in.refreshed = panel{Exchanges: rec.seen, Note: tokenNote(err)}
		return
	}
	in.replayed = panel{}
	in.refreshed = a.accept(ctx, rec, in, old, fresh)
}

// accept takes tokens over that a refresh brought.
func (a *app) accept(
	ctx context.Context, rec *recorder, in *signedIn, old string, fresh *oauth2.Token,
) panel {
	if raw, _ := fresh.Extra("id_token").(string); raw != "" {
		rec.name = "Signing keys"
		id := a.provider.verify(ctx, rec, raw, expected{
			clientID: a.client.id, subject: in.id.Subject, access: fresh.AccessToken,
		})
		if !id.Sound {
			return panel{
				Exchanges: rec.seen, Note: "The new ID token is refused, and the new tokens are dropped with it.",
			}
		}
		in.id = id
	}
	in.token, in.access = fresh, decode(fresh.AccessToken)
	in.revoked = false
	p := panel{Exchanges: rec.seen, Good: true, Note: "New tokens came, but the refresh token is the old one: " +
		"this provider does not rotate it."}
	if fresh.RefreshToken != old {
		in.used = old
		p.Note = "New tokens came, the refresh token among them: it was rotated, and the old one is spent."
	}
	a.askIntrospection(ctx, in)
	return p
}

// replay presents the spent refresh token again, as somebody would who stole it.
func (a *app) replay(ctx context.Context, in *signedIn) {
	if in.used == "" {
		return
	}
	rec := a.record("Refresh request with the old token")
	fresh, err := a.exchangeRefresh(ctx, rec, in.used)
	if err == nil {
		p := a.accept(ctx, rec, in, in.used, fresh)
		p.Good = false
		p.Note = "The old refresh token was still taken. With tokens.refresh_grace in stack.yaml that is " +
			"allowed for a while, for clients that try again."
		in.replayed = p
		return
	}
	if !refusedGrant(err) {
		in.replayed = panel{Exchanges: rec.seen, Note: tokenNote(err)}
		return
	}
	p := panel{Good: true, Note: "The old refresh token is refused. The tokens of this sign-in still work."}
	x, active, _ := a.introspect(ctx, in)
	if !active {
		in.revoked = true
		p.Note = "The old refresh token is refused. A second use looks like theft, so the provider also ended " +
			"the new tokens: sign in again to go on."
	}
	p.Exchanges = append(rec.seen, x...)
	in.replayed = p
	a.askIntrospection(ctx, in)
}

func (a *app) exchangeRefresh(ctx context.Context, rec *recorder, token string) (*oauth2.Token, error) {
	return a.oauth(nil).TokenSource(through(ctx, rec), &oauth2.Token{RefreshToken: token}).Token()
}

// revoke gives the tokens back (RFC 7009). The refresh token stands for the whole grant.
func (a *app) revoke(ctx context.Context, in *signedIn) {
	if a.provider.meta.Revocation == "" {
		in.revoking = panel{Note: "The provider names no revocation_endpoint."}
		return
	}
	form := url.Values{"token": {in.token.RefreshToken}, "token_type_hint": {"refresh_token"}}
	if in.token.RefreshToken == "" {
		form = url.Values{"token": {in.token.AccessToken}, "token_type_hint": {"access_token"}}
	}
	rec := a.record("Revocation request")
	status, _, err := a.ask(ctx, rec, http.MethodPost, a.provider.meta.Revocation, form, a.authenticate(form))
	p := panel{Exchanges: rec.seen}
	switch {
	case err != nil:
		p.Note = unreachable(err)
	case status != http.StatusOK:
		p.Note = "The provider refuses to revoke."
	default:
		a.askIntrospection(ctx, in)
		in.revoked = true
		p.Good = !in.introspection.Good
		p.Exchanges = append(p.Exchanges, in.introspection.Exchanges...)
		p.Note = "The grant is revoked. Asked again: " + lowerFirst(in.introspection.Note)
	}
	in.revoking = p
}

// authenticate returns what adds the client's credentials to a request (RFC 6749 section 2.3.1). A
// public client only names itself.
func (a *app) authenticate(form url.Values) func(*http.Request) {
	if a.client.secret == "" {
		form.Set("client_id", a.client.id)
		return nil
	}
	return func(r *http.Request) {
		r.SetBasicAuth(url.QueryEscape(a.client.id), url.QueryEscape(a.client.secret))
	}
}

// ask sends one request and reads the answer whole.
func (a *app) ask(
	ctx context.Context, rec *recorder, method, at string, form url.Values, prepare func(*http.Request),
) (int, []byte, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, at, body)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Accept", "application/json")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if prepare != nil {
		prepare(req)
	}
	res, err := client(rec).Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
