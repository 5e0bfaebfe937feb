package side

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Want is how many clients and people a side gets.
type Want struct {
	// Confidential clients have a secret and may use client_credentials, the code and refresh tokens, introspection and userinfo.
	Confidential int
	// Public clients are for the code with PKCE.
	Public int
	// People have an address and a password.
	People int
	// Prefix tells the people of one call from those of another; letters and digits.
	Prefix string
}

// Client is an OAuth2 client. Secret is empty at public ones.
type Client struct{ ID, Secret, RedirectURI string }

// Person can sign in.
type Person struct{ ID, Email, Password string }

// Population is what was made on one side.
type Population struct {
	Confidential, Public []Client
	People               []Person
}

// What every client may ask for, and where codes go: nobody is there, the bench reads them from the redirect.
const (
	Scope       = "openid offline_access email profile"
	RedirectURI = "https://app.bench.example.com/callback"
)

// Provision makes clients and people through the admin APIs, the same way on both sides. Their secrets and passwords are random, and hashed as the side does it.
func (r *Running) Provision(ctx context.Context, w Want) (Population, error) {
	p := Population{
		Confidential: make([]Client, w.Confidential), Public: make([]Client, w.Public), People: make([]Person, w.People),
	}
	a := admin{client: &http.Client{Timeout: time.Minute}, r: r}
	defer a.client.CloseIdleConnections()
	g, ctx := errgroup.WithContext(ctx)
	for range runtime.NumCPU() {
		g.Go(func() error { return a.work(ctx, w, &p) })
	}
	if err := g.Wait(); err != nil {
		return Population{}, fmt.Errorf("provisioning %s: %w", r.Side, err)
	}
	return p, nil
}

type admin struct {
	client *http.Client
	r      *Running
	next   atomic.Int64
}

// work takes the next one that is to be made until none is left.
func (a *admin) work(ctx context.Context, w Want, p *Population) error {
	for {
		var err error
		switch i := int(a.next.Add(1) - 1); {
		case i < w.Confidential:
			p.Confidential[i], err = a.makeClient(ctx, fmt.Sprintf("%s confidential %d", w.Prefix, i), true)
		case i < w.Confidential+w.Public:
			p.Public[i-w.Confidential], err = a.makeClient(ctx, fmt.Sprintf("%s public %d", w.Prefix, i), false)
		case i < w.Confidential+w.Public+w.People:
			i -= w.Confidential + w.Public
			p.People[i], err = a.makePerson(ctx, fmt.Sprintf("%s%d@people.example.com", w.Prefix, i))
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (a *admin) makeClient(ctx context.Context, name string, confidential bool) (Client, error) {
	body := map[string]any{
		"client_name":    name,
		"redirect_uris":  []string{RedirectURI},
		"scope":          Scope,
		"response_types": []string{"code"},
		"grant_types":    []string{"authorization_code", "refresh_token"}, "token_endpoint_auth_method": "none",
	}
	secret := ""
	if confidential {
		secret = rand.Text()
		body["client_secret"], body["token_endpoint_auth_method"] = secret, "client_secret_basic"
		body["grant_types"] = []string{"authorization_code", "refresh_token", "client_credentials"}
	}
	var made struct {
		ID string `json:"client_id"`
	}
	err := a.post(ctx, a.r.HydraAdmin+"/admin/clients", body, &made)
	return Client{ID: made.ID, Secret: secret, RedirectURI: RedirectURI}, err
}

func (a *admin) makePerson(ctx context.Context, email string) (Person, error) {
	password := rand.Text()
	var made struct {
		ID string `json:"id"`
	}
	err := a.post(ctx, a.r.KratosAdmin+"/admin/identities", map[string]any{
		"schema_id":   SchemaID,
		"traits":      map[string]any{"email": email},
		"credentials": map[string]any{"password": map[string]any{"config": map[string]any{"password": password}}},
	}, &made)
	return Person{ID: made.ID, Email: email, Password: password}, err
}

func (a *admin) post(ctx context.Context, address string, body, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("writing a request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err = io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("reading the answer of %s: %w", address, err)
	}
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("asking %s: got %s: %.300s", address, resp.Status, raw)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", address, err)
	}
	return nil
}
