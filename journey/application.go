package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// application is the relying party: a confidential client of the product. Its addresses are never
// dialed, the browser stops before them.
type application struct {
	http       *http.Client
	at         addresses
	provider   *oidc.Provider
	config     oauth2.Config
	name       string
	postLogout string
	redactor   *redactor
}

// metadata is what the application needs of the discovery document beyond go-oidc's own reading.
type metadata struct {
	Revocation    string   `json:"revocation_endpoint"`
	EndSession    string   `json:"end_session_endpoint"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Userinfo      string   `json:"userinfo_endpoint"`
	Keys          string   `json:"jwks_uri"`
	Challenges    []string `json:"code_challenge_methods_supported"`
	Scopes        []string `json:"scopes_supported"`
}

// attempt is one authorization request and what the application must remember of it.
type attempt struct {
	address, state, nonce, verifier string
}

func newApplication(client *http.Client, at addresses, given *givenClient, number int,
	hide *redactor,
) *application {
	app := &application{http: client, at: at, redactor: hide}
	if given != nil {
		app.use(given.ID, given.Secret, given.RedirectURI, given.PostLogoutRedirectURI)
		app.name = given.Name
		if app.name == "" {
			app.name = given.ID
		}
		return app
	}
	// Nothing listens there and nothing has to: a port of its own keeps journeys apart.
	base := fmt.Sprintf("http://127.0.0.1:%d", 50000+number)
	app.use("", "", base+"/callback", base+"/signed-out")
	app.name = fmt.Sprintf("Journey %d of %s", number, rand.Text()[:6])
	return app
}

func (a *application) use(id, secret, redirect, postLogout string) {
	a.redactor.learn(secret)
	a.config = oauth2.Config{ClientID: id, ClientSecret: secret, RedirectURL: redirect}
	a.postLogout = postLogout
}

// context makes go-oidc and oauth2 use the application's own connections.
func (a *application) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, a.http)
}

func (a *application) discover(ctx context.Context) (metadata, error) {
	provider, err := oidc.NewProvider(a.context(ctx), a.at.Hydra)
	if err != nil {
		return metadata{}, fmt.Errorf("discovering the provider: %w", err)
	}
	found := metadata{}
	if err := provider.Claims(&found); err != nil {
		return metadata{}, fmt.Errorf("reading the discovery document: %w", err)
	}
	a.provider = provider
	a.config.Endpoint = provider.Endpoint()
	// Basic is asked for by name: go-oidc would probe, and a probe may cost a code.
	a.config.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	return found, nil
}

// register makes the application's client at Hydra's admin API.
func (a *application) register(ctx context.Context, scopes string) error {
	made := givenClient{}
	status, err := a.postJSON(ctx, a.at.HydraAdmin+"/admin/clients", map[string]any{
		"client_name":                a.name,
		"grant_types":                []string{"authorization_code", "refresh_token"},
		"response_types":             []string{"code"},
		"scope":                      scopes,
		"redirect_uris":              []string{a.config.RedirectURL},
		"post_logout_redirect_uris":  []string{a.postLogout},
		"token_endpoint_auth_method": "client_secret_basic",
	}, &made)
	if err != nil {
		return fmt.Errorf("registering a client: %w", err)
	}
	if status != http.StatusCreated || made.ID == "" || made.Secret == "" {
		return fmt.Errorf("registering a client: wanted 201 with an id and a secret, got %d", status)
	}
	a.redactor.learn(made.Secret)
	a.config.ClientID, a.config.ClientSecret = made.ID, made.Secret
	return nil
}

// authorize makes an authorization request with PKCE; extra are further parameters in pairs.
func (a *application) authorize(scopes string, extra ...string) attempt {
	try := attempt{state: rand.Text(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier()}
	a.redactor.learn(try.state, try.nonce, try.verifier)
	config := a.config
	config.Scopes = strings.Fields(scopes)
	params := []oauth2.AuthCodeOption{
		oauth2.S256ChallengeOption(try.verifier), oidc.Nonce(try.nonce),
	}
	for i := 0; i+1 < len(extra); i += 2 {
		params = append(params, oauth2.SetAuthURLParam(extra[i], extra[i+1]))
	}
	try.address = config.AuthCodeURL(try.state, params...)
	return try
}

// code is the authorization code of an answer that belongs to the attempt.
func (a *application) code(try attempt, l landing) (string, error) {
	answer, err := a.answer(try, l)
	if err != nil {
		return "", err
	}
	if answer.Get("error") != "" || answer.Get("code") == "" {
		return "", fmt.Errorf("wanted a code at the application, got %s", answerOf(l.callback))
	}
	a.redactor.learn(answer.Get("code"))
	return answer.Get("code"), nil
}

// refusal checks that the attempt was answered with that error and no code.
func (a *application) refusal(try attempt, l landing, want string) error {
	answer, err := a.answer(try, l)
	if err != nil {
		return err
	}
	if answer.Get("error") != want || answer.Has("code") {
		return fmt.Errorf("wanted error=%s at the application, got %s", want, answerOf(l.callback))
	}
	return nil
}

func (a *application) answer(try attempt, l landing) (url.Values, error) {
	back, err := l.wantCallback()
	if err != nil {
		return nil, err
	}
	if place(back) != a.config.RedirectURL {
		return nil, fmt.Errorf("wanted the redirect_uri, was sent to %s", place(back))
	}
	answer := back.Query()
	if answer.Get("state") != try.state {
		return nil, errors.New("the answer carries another state than the request")
	}
	if iss := answer.Get("iss"); iss != "" && iss != a.at.Hydra {
		return nil, fmt.Errorf("the answer carries iss %q, not the issuer", iss)
	}
	return answer, nil
}

// answerOf tells what an answer at the application said, without its secrets.
func answerOf(u *url.URL) string {
	q := u.Query()
	if q.Get("error") != "" {
		return fmt.Sprintf("error=%s: %s", q.Get("error"), shorten(q.Get("error_description")))
	}
	if q.Get("code") != "" {
		return "a code"
	}
	return "neither code nor error"
}
