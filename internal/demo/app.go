package demo

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// app is the demo application: one client of one provider.
type app struct {
	cfg      Config
	log      *slog.Logger
	base     string // as http://localhost:5555
	at       *url.URL
	rt       http.RoundTripper
	provider *provider
	client   credentials
	sessions *sessions
	now      func() time.Time
	pages    *pages
	assets   *assets
}

// open finds the provider and gets a client there. The configuration is complete.
func open(ctx context.Context, cfg Config, base string) (*app, error) {
	at, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	// No proxy of the environment: what is asked is on this machine, or meant to be asked directly.
	transport := &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}
	a := &app{
		cfg: cfg, log: cfg.Log, base: base, at: at, rt: transport,
		client: credentials{id: cfg.ClientID, secret: cfg.ClientSecret}, now: time.Now,
	}
	a.sessions = newSessions(func() time.Time { return a.now() })
	if a.pages, err = loadPages(); err != nil {
		return nil, err
	}
	if a.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if a.provider, err = discover(ctx, cfg, a.rt); err != nil {
		return nil, err
	}
	if cfg.ClientID == "" {
		if a.client, err = register(ctx, cfg, a.provider, base, a.rt); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// record returns a recorder that knows what to hide.
func (a *app) record(name string) *recorder {
	return &recorder{next: a.rt, secret: a.client.secret, name: name}
}

// oauth is the client as golang.org/x/oauth2 wants it.
func (a *app) oauth(scopes []string) *oauth2.Config {
	c := &oauth2.Config{
		ClientID: a.client.id, ClientSecret: a.client.secret,
		Endpoint: a.provider.oidc.Endpoint(), RedirectURL: a.base + pathCallback, Scopes: scopes,
	}
	// Said, not probed: a probe that fails may cost the code.
	c.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if a.client.secret == "" {
		c.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return c
}

// through makes oauth2 send its requests through the recorder.
func through(ctx context.Context, rec *recorder) context.Context {
	return oidc.ClientContext(ctx, client(rec))
}
