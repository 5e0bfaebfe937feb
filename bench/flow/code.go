package flow

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/bench/side"
	"example.com/identityd/bench/wire"
)

// Application is a client of OAuth2, public when it has no secret.
type Application struct {
	Wire   *wire.Client
	At     side.Addresses
	Client side.Client
	Scope  string
}

// Tokens are what an application gets.
type Tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
	Type    string `json:"token_type"`
}

// Code goes the whole way of a sign-in: to the login page and through it if the browser has no session, through the page of consent, back to the
// application with a code, and with that to the tokens.
func (a *Application) Code(b *Browser, email, password string) (Tokens, error) {
	verifier, state := rand.Text(), rand.Text()
	challenge := sha256.Sum256([]byte(verifier + verifier))
	query := url.Values{
		"client_id": {a.Client.ID}, "redirect_uri": {a.Client.RedirectURI}, "response_type": {"code"}, "scope": {a.Scope}, "state": {state}, "nonce": {rand.Text()},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	if err := b.Open(a.At.OAuth2 + "/oauth2/auth?" + query.Encode()); err != nil {
		return Tokens{}, err
	}
	if password != "" {
		if err := b.Submit(map[string]string{"identifier": email, "password": password}); err != nil {
			return Tokens{}, fmt.Errorf("signing in: %w", err)
		}
	}
	// Who is remembered is not asked again, and the next one would be another way.
	if err := b.Submit(map[string]string{"grant_scope": ""}, "remember"); err != nil {
		return Tokens{}, fmt.Errorf("consenting: %w", err)
	}
	if !strings.HasPrefix(b.at.String(), a.Client.RedirectURI+"?") {
		return Tokens{}, fmt.Errorf("the sign-in ended at %s, not at the application", b.where())
	}
	got := b.at.Query()
	if got.Get("state") != state || got.Get("code") == "" {
		return Tokens{}, fmt.Errorf("the application got no code with its state but %q", got.Get("error"))
	}
	t, err := a.Redeem(url.Values{
		"grant_type": {"authorization_code"}, "code": {got.Get("code")}, "redirect_uri": {a.Client.RedirectURI}, "code_verifier": {verifier + verifier},
	})
	if err == nil && strings.Count(t.ID, ".") != 2 {
		err = errors.New("redeeming a code: the answer has no ID token")
	}
	return t, err
}

// Redeem asks the token endpoint.
func (a *Application) Redeem(form url.Values) (Tokens, error) {
	r := wire.Request{Method: http.MethodPost, URL: a.At.OAuth2 + "/oauth2/token", Type: wire.Form}
	if a.Client.Secret == "" {
		form.Set("client_id", a.Client.ID)
	} else {
		r.Authorization = Basic(a.Client)
	}
	r.Body = form.Encode()
	var t Tokens
	err := a.Wire.Do(r, func(got *wire.Answer) error {
		if got.Status != http.StatusOK {
			return fmt.Errorf("redeeming: %w", Refusal(got.Body))
		}
		if err := json.Unmarshal(got.Body, &t); err != nil {
			return fmt.Errorf("redeeming: %w", err)
		}
		if t.Access == "" || t.Type != "bearer" {
			return errors.New("redeeming: the answer has no access token")
		}
		return nil
	})
	return t, err
}

// Userinfo asks whose the token is.
func (a *Application) Userinfo(token string) (string, error) {
	var who struct {
		Subject string `json:"sub"`
	}
	err := a.Wire.Do(wire.Request{Method: http.MethodGet, URL: a.At.OAuth2 + "/userinfo", Authorization: "Bearer " + token}, func(got *wire.Answer) error {
		if got.Status != http.StatusOK {
			return errors.New("asking for claims: refused")
		}
		if err := json.Unmarshal(got.Body, &who); err != nil {
			return fmt.Errorf("asking for claims: %w", err)
		}
		if who.Subject == "" {
			return errors.New("asking for claims: the answer has no subject")
		}
		return nil
	})
	return who.Subject, err
}

// Basic is how a confidential client says who it is.
func Basic(c side.Client) string {
	pair := url.QueryEscape(c.ID) + ":" + url.QueryEscape(c.Secret)
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

// Refusal is the name of an OAuth2 error, which has nothing secret in it.
func Refusal(body []byte) error {
	var e struct {
		Name string `json:"error"`
		Why  string `json:"error_description"`
	}
	if err := json.Unmarshal(body, &e); err != nil || e.Name == "" {
		return errors.New("no OAuth2 error")
	}
	return fmt.Errorf("%s: %s", e.Name, e.Why)
}
