package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"
)

type countingListener struct {
	net.Listener
	count func()
}

func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.count()
	}
	return conn, err
}

func (f *fake) hydra() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", f.discovery)
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
			{Key: f.key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"},
		}})
	})
	mux.HandleFunc("GET /oauth2/auth", f.authorize)
	mux.HandleFunc("POST /oauth2/token", f.token)
	mux.HandleFunc("POST /oauth2/revoke", func(_ http.ResponseWriter, r *http.Request) {
		if t := f.tokens[r.PostFormValue("token")]; t != nil && !f.is("revocation ignored") {
			t.grant.revoked = true
		}
	})
	mux.HandleFunc("GET /userinfo", f.userinfo)
	mux.HandleFunc("GET /oauth2/sessions/logout", f.logout)
	return mux
}

func (f *fake) discovery(w http.ResponseWriter, _ *http.Request) {
	doc := map[string]any{
		"issuer": f.at.Hydra, "authorization_endpoint": f.at.Hydra + "/oauth2/auth",
		"token_endpoint": f.at.Hydra + "/oauth2/token", "jwks_uri": f.at.Hydra + "/jwks",
		"userinfo_endpoint": f.at.Hydra + "/userinfo", "revocation_endpoint": f.at.Hydra + "/oauth2/revoke",
		"end_session_endpoint":             f.at.Hydra + "/oauth2/sessions/logout",
		"code_challenge_methods_supported": []string{"plain", "S256"},
		"scopes_supported":                 []string{"offline_access", "openid"},
	}
	if f.is("other issuer") {
		doc["issuer"] = f.at.Hydra + "/"
	}
	if f.is("no S256") {
		delete(doc, "code_challenge_methods_supported")
	}
	if f.is("foreign endpoint") {
		doc["revocation_endpoint"] = "http://127.0.0.1:4444/oauth2/revoke"
	}
	writeJSON(w, http.StatusOK, doc)
}

func (f *fake) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	req := &request{
		client: q.Get("client_id"), redirect: q.Get("redirect_uri"), scope: q.Get("scope"),
		state: q.Get("state"), nonce: q.Get("nonce"), challenge: q.Get("code_challenge"),
		prompt: q.Get("prompt"),
	}
	if f.is("foreign redirect") {
		http.Redirect(w, r, "http://elsewhere.invalid/", http.StatusFound)
		return
	}
	challenge := rand.Text()
	f.requests[challenge] = req
	req.sid, req.email = f.session(r)
	again := strings.Contains(req.prompt, "login") && !f.is("prompt=login ignored")
	again = again || f.is("no single sign-on")
	if req.email == "" && req.prompt == "none" && !f.is("prompt=none ignored") {
		answer(w, r, req, url.Values{"error": {"login_required"}})
		return
	}
	if req.email == "" || again {
		http.Redirect(w, r, f.at.UI+"/login?login_challenge="+challenge, http.StatusFound)
		return
	}
	f.askConsent(w, r, challenge)
}

func (f *fake) issueCode(w http.ResponseWriter, r *http.Request, req *request, granted string) {
	code := rand.Text()
	f.grants[code] = &grant{request: *req, granted: granted}
	answer(w, r, req, url.Values{"code": {code}, "iss": {f.at.Hydra}})
}

func answer(w http.ResponseWriter, r *http.Request, req *request, values url.Values) {
	values.Set("state", req.state)
	http.Redirect(w, r, req.redirect+"?"+values.Encode(), http.StatusSeeOther)
}

func (f *fake) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	secret, _ = url.QueryUnescape(secret)
	if f.clients[id].Secret != secret || secret == "" {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	g, ok := f.redeem(r)
	if !ok {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	access, refresh := rand.Text(), rand.Text()
	if old := r.PostFormValue("refresh_token"); old != "" && f.is("refresh token not rotated") {
		refresh = old
	}
	f.tokens[access], f.tokens[refresh] = &token{grant: g}, &token{grant: g, refresh: true}
	body := map[string]any{
		"access_token": access, "token_type": "bearer", "expires_in": 3600, "scope": g.granted,
		"id_token": f.idToken(g, access),
	}
	if strings.Contains(g.granted, "offline_access") {
		body["refresh_token"] = refresh
	}
	if f.is("endless token") {
		body["expires_in"] = 10 * 365 * 86400
	}
	writeJSON(w, http.StatusOK, body)
}

func (f *fake) redeem(r *http.Request) (*grant, bool) {
	if r.PostFormValue("grant_type") == "refresh_token" {
		t := f.tokens[r.PostFormValue("refresh_token")]
		if t == nil || !t.refresh || t.grant.revoked {
			return nil, false
		}
		if t.used && !f.is("refresh token reusable") {
			t.grant.revoked = !f.is("family survives")
			return nil, false
		}
		t.used = !f.is("refresh token not rotated")
		return t.grant, true
	}
	g := f.grants[r.PostFormValue("code")]
	if g == nil || g.burnt || (g.used && !f.is("code reusable")) {
		if g != nil && !f.is("used code is harmless") {
			g.revoked = true
		}
		return nil, false
	}
	right := oauth2.S256ChallengeFromVerifier(r.PostFormValue("code_verifier")) == g.challenge
	if !right && !f.is("verifier ignored") {
		g.burnt = !f.is("code not burnt")
		return nil, false
	}
	g.used = true
	return g, true
}

func (f *fake) idToken(g *grant, access string) string {
	half := sha256.Sum256([]byte(access))
	claims := map[string]any{
		"iss": f.at.Hydra, "aud": []string{g.client}, "sub": "id of " + g.email, "nonce": g.nonce,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(), "sid": g.sid,
		"amr": []string{"password"}, "at_hash": base64.RawURLEncoding.EncodeToString(half[:16]),
	}
	if strings.Contains(g.granted, "email") || f.is("claims without scope") {
		claims["email"], claims["email_verified"] = g.email, false
	}
	for fault, claim := range map[string]string{
		"no email": "email", "no email_verified": "email_verified", "no amr": "amr", "no sid": "sid",
	} {
		if f.is(fault) {
			delete(claims, claim)
		}
	}
	for fault, claim := range map[string]string{
		"other nonce": "nonce", "other audience": "aud", "other at_hash": "at_hash", "other sub": "sub",
	} {
		if f.is(fault) {
			claims[claim] = "other"
		}
	}
	key := f.key
	if f.is("foreign signature") {
		key = foreignKey()
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, nil)
	if err != nil {
		return ""
	}
	body, _ := json.Marshal(claims)
	signed, err := signer.Sign(body)
	if err != nil {
		return ""
	}
	raw, _ := signed.CompactSerialize()
	return raw
}
