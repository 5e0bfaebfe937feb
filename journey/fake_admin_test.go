package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

var foreignKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func (f *fake) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /admin/clients", func(w http.ResponseWriter, r *http.Request) {
		in := struct {
			Name      string   `json:"client_name"`
			Redirects []string `json:"redirect_uris"`
		}{}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || f.is("no clients") {
			writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_client_metadata"})
			return
		}
		made := givenClient{
			ID: rand.Text(), Secret: rand.Text(), Name: in.Name, RedirectURI: in.Redirects[0],
		}
		f.clients[made.ID] = made
		writeJSON(w, http.StatusCreated, map[string]string{
			"client_id": made.ID, "client_secret": made.Secret,
		})
	})
	mux.HandleFunc("POST /admin/oauth2/introspect", func(w http.ResponseWriter, r *http.Request) {
		t := f.tokens[r.PostFormValue("token")]
		if t == nil || t.grant.revoked || f.is("introspection blind") {
			writeJSON(w, http.StatusOK, map[string]bool{"active": false})
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{
			"active": true, "scope": t.grant.granted, "client_id": t.grant.client, "iss": f.at.Hydra,
			"sub": "id of " + t.grant.email, "token_use": "access_token",
		})
	})
	return mux
}

func (f *fake) userinfo(w http.ResponseWriter, r *http.Request) {
	t := f.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if t == nil || t.refresh || (t.grant.revoked && !f.is("userinfo takes the dead")) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	claims := map[string]any{"sub": "id of " + t.grant.email}
	if strings.Contains(t.grant.granted, "email") || f.is("userinfo ignores scope") {
		claims["email"], claims["email_verified"] = t.grant.email, false
	}
	if f.is("traits leak") {
		claims["salary"] = 1
	}
	if f.is("userinfo of another") {
		claims["sub"] = "other"
	}
	writeJSON(w, http.StatusOK, claims)
}

func (f *fake) logout(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("verified") == "" {
		challenge := url.Values{"back": {q.Get("post_logout_redirect_uri")}, "state": {q.Get("state")}}
		http.Redirect(w, r, f.at.UI+"/logout?logout_challenge="+
			url.QueryEscape(challenge.Encode()), http.StatusFound)
		return
	}
	sid, email := f.session(r)
	if !f.is("session survives") {
		delete(f.sessions, sid)
	}
	for other, whose := range f.sessions {
		if f.is("logout everywhere") && whose == email {
			delete(f.sessions, other)
		}
	}
	back := q.Get("back") + "?state=" + q.Get("state")
	if f.is("logout state lost") {
		back = q.Get("back")
	}
	http.Redirect(w, r, back, http.StatusFound)
}
