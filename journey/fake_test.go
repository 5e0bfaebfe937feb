package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// fake is a small provider with the product's addresses and pages. Its fault makes it wrong in one
// way, to show that the journey notices.
type fake struct {
	fault string
	key   *rsa.PrivateKey
	at    addresses

	mu         sync.Mutex
	clients    map[string]givenClient
	passwords  map[string]string   // by email
	sessions   map[string]string   // email by sid
	requests   map[string]*request // by challenge
	remembered map[string]bool     // client and email
	grants     map[string]*grant   // by code
	tokens     map[string]*token   // by access or refresh token
	accepted   map[string]int      // connections by listener
}

// request is an authorization request, from its login to its consent.
type request struct {
	client, redirect, scope, state, nonce, challenge, prompt string
	email, sid                                               string
}

type grant struct {
	request
	granted string
	used    bool
	burnt   bool
	revoked bool
}

type token struct {
	grant   *grant
	refresh bool
	used    bool
}

func startFake(t *testing.T, key *rsa.PrivateKey, fault string) *fake {
	t.Helper()
	f := &fake{
		fault: fault, key: key, clients: map[string]givenClient{}, passwords: map[string]string{},
		sessions: map[string]string{}, requests: map[string]*request{}, remembered: map[string]bool{},
		grants: map[string]*grant{}, tokens: map[string]*token{}, accepted: map[string]int{},
	}
	f.at.UI = f.serve(t, "ui", f.ui())
	f.at.Hydra = f.serve(t, "hydra", f.hydra())
	f.at.HydraAdmin = f.serve(t, "hydra_admin", f.admin())
	f.at.Kratos = f.serve(t, "kratos", f.kratos())
	return f
}

func (f *fake) serve(t *testing.T, name string, h http.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			f.mu.Lock()
			defer f.mu.Unlock()
			h.ServeHTTP(w, r)
		}))
	server.Listener = &countingListener{Listener: server.Listener, count: func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.accepted[name]++
	}}
	server.Start()
	t.Cleanup(server.Close)
	// One host for all of them, as in the product: cookies do not know ports.
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// is tells whether the provider is to misbehave in that way.
func (f *fake) is(fault string) bool { return f.fault == fault }

func (f *fake) newSession(w http.ResponseWriter, email string) string {
	sid := rand.Text()
	f.sessions[sid] = email
	http.SetCookie(w, &http.Cookie{Name: "sid", Value: sid, Path: "/", HttpOnly: true})
	return sid
}

func (f *fake) session(r *http.Request) (sid, email string) {
	if c, err := r.Cookie("sid"); err == nil {
		return c.Value, f.sessions[c.Value]
	}
	return "", ""
}

func (f *fake) kratos() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sessions/whoami", func(w http.ResponseWriter, r *http.Request) {
		_, email := f.session(r)
		if email == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{"active": true, "identity": map[string]any{
			"id": "id of " + email, "traits": map[string]string{"email": email},
		}})
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		email, challenge := r.PostFormValue("identifier"), r.URL.Query().Get("login_challenge")
		right := f.passwords[email] == r.PostFormValue("password") || f.is("any password")
		if !right {
			again := f.at.UI + "/login?login_challenge=" + challenge
			if !f.is("silent refusal") {
				again += "&wrong=1"
			}
			http.Redirect(w, r, again, http.StatusSeeOther)
			return
		}
		f.signedIn(w, r, challenge, email)
	})
	mux.HandleFunc("POST /registration", func(w http.ResponseWriter, r *http.Request) {
		if f.is("null origin refused") && r.Header.Get("Origin") != f.at.UI {
			http.Error(w, "foreign origin", http.StatusForbidden)
			return
		}
		email := r.PostFormValue("traits.email")
		f.passwords[email] = r.PostFormValue("password")
		f.signedIn(w, r, r.URL.Query().Get("login_challenge"), email)
	})
	return mux
}

func (f *fake) signedIn(w http.ResponseWriter, r *http.Request, challenge, email string) {
	req := f.requests[challenge]
	if req == nil {
		http.Redirect(w, r, f.at.UI+"/", http.StatusSeeOther)
		return
	}
	req.email, req.sid = email, f.newSession(w, email)
	f.askConsent(w, r, challenge)
}

func (f *fake) askConsent(w http.ResponseWriter, r *http.Request, challenge string) {
	req := f.requests[challenge]
	if f.remembered[req.client+req.email] && !strings.Contains(req.prompt, "consent") {
		f.issueCode(w, r, req, req.scope)
		return
	}
	http.Redirect(w, r, f.at.UI+"/consent?consent_challenge="+challenge, http.StatusSeeOther)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
