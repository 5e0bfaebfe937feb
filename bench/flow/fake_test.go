package flow_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/identityd/bench/side"
	"example.com/identityd/bench/wire"
)

// fake is a side as small as it can be: one person, one client, one host.
type fake struct {
	wire *wire.Client
	at   side.Addresses
	// refuses has the login refuse what is right.
	refuses bool
	// loops has redirects that do not end.
	loops bool
}

const (
	host     = "id.bench.example.com"
	callback = "https://app.bench.example.com/callback"
)

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{}
	mux := http.NewServeMux()
	redirect := func(w http.ResponseWriter, to string) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
	}
	signedIn := func(r *http.Request) bool { _, err := r.Cookie("__Host-session"); return err == nil }
	mux.HandleFunc("GET /self-service/{kind}/browser", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "csrf", Value: "c", Path: "/", Secure: true, HttpOnly: true})
		if f.loops {
			redirect(w, r.URL.Path)
			return
		}
		redirect(w, "/"+r.PathValue("kind")+"?flow=1")
	})
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("login_challenge") != "" && signedIn(r) {
			redirect(w, "/consent?consent_challenge=1")
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "csrf", Value: "c", Path: "/", Secure: true, HttpOnly: true})
		fmt.Fprintf(w, `<form method=post action="/self-service/login?login_challenge=%s"><input name=identifier><input name=password><input type=hidden name=t value=c><button name=method value=password></form>`,
			r.URL.Query().Get("login_challenge"))
	})
	mux.HandleFunc("GET /registration", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<form method=post action="/self-service/registration"><input name=traits.email><input name=password><input type=hidden name=t value=c><button name=method value=password></form>`)
	})
	mux.HandleFunc("POST /self-service/{kind}", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("csrf")
		if err != nil || c.Value != r.PostFormValue("t") || r.PostFormValue("method") != "password" || r.Header.Get("X-Forwarded-Proto") != "https" {
			http.Error(w, "forged", http.StatusForbidden)
			return
		}
		if f.refuses || r.PostFormValue("password") != "right" {
			redirect(w, "/login?flow=1")
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "__Host-session", Value: "s", Path: "/", Secure: true, HttpOnly: true})
		if r.URL.Query().Get("login_challenge") != "" {
			redirect(w, "/consent?consent_challenge=1")
			return
		}
		redirect(w, "/")
	})
	f.oauth2(mux, redirect)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	f.wire = wire.New(map[string][]string{host: {strings.TrimPrefix(s.URL, "http://")}})
	f.at = side.Addresses{OAuth2: "https://" + host, Kratos: "https://" + host, UI: "https://" + host}
	return f
}

func (f *fake) oauth2(mux *http.ServeMux, redirect func(http.ResponseWriter, string)) {
	state := ""
	mux.HandleFunc("GET /oauth2/auth", func(w http.ResponseWriter, r *http.Request) {
		state = r.URL.Query().Get("state")
		redirect(w, "/login?login_challenge=1")
	})
	mux.HandleFunc("GET /consent", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<form method=post action="/consent"><input type=checkbox name=grant_scope value=openid checked><input type=checkbox name=remember value=1 checked><button name=action value=allow></form>`)
	})
	mux.HandleFunc("POST /consent", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("action") != "allow" || r.PostFormValue("remember") != "" || r.PostFormValue("grant_scope") != "openid" {
			redirect(w, callback+"?error=access_denied")
			return
		}
		redirect(w, callback+"?code=code&state="+state)
	})
	mux.HandleFunc("POST /oauth2/token", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("code") != "code" || r.PostFormValue("code_verifier") == "" || r.PostFormValue("client_id") != "public" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_grant","error_description":"no"}`)
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"access_token": "a", "token_type": "bearer", "id_token": "a.b.c"}) //nolint:errcheck // a test
	})
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer a" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"sub":"ada"}`)
	})
}
