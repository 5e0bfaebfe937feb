package main

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func (f *fake) ui() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		challenge, said := r.URL.Query().Get("login_challenge"), ""
		if r.URL.Query().Has("wrong") {
			said = `<p role="alert">The password is wrong.</p>`
		}
		link := "/registration?login_challenge=" + challenge
		if f.is("challenge lost") {
			link = "/registration"
		}
		identifier := `<input name="identifier" required>`
		if _, email := f.session(r); email != "" {
			identifier = `<input type="hidden" name="identifier" value="` + email + `">`
		}
		f.show(w, http.StatusOK, said+postForm(f.at.Kratos+"/login?login_challenge="+challenge,
			identifier+`<input type="password" name="password" required>
			<button name="method" value="password">Sign in</button>`)+`<a href="`+link+`">Sign up</a>`)
	})
	mux.HandleFunc("GET /registration", func(w http.ResponseWriter, r *http.Request) {
		f.show(w, http.StatusOK, postForm(
			f.at.Kratos+"/registration?login_challenge="+r.URL.Query().Get("login_challenge"),
			`<input type="email" name="traits.email" required>
			<input type="password" name="password" required>
			<button name="method" value="password">Sign up</button>`))
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		f.show(w, http.StatusOK, "home")
	})
	mux.HandleFunc("GET /consent", f.showConsent)
	mux.HandleFunc("POST /consent", f.answerConsent)
	mux.HandleFunc("GET /logout", func(w http.ResponseWriter, r *http.Request) {
		f.show(w, http.StatusOK, postForm("/logout", hiddenField("csrf_token", "right")+
			hiddenField("logout_challenge", r.URL.Query().Get("logout_challenge"))+
			`<button name="action" value="yes">Yes</button><button name="action" value="no">No</button>`))
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("csrf_token") != "right" && !f.is("logout without csrf") {
			f.show(w, http.StatusForbidden, "refused")
			return
		}
		http.Redirect(w, r, f.at.Hydra+"/oauth2/sessions/logout?verified=1&"+
			r.PostFormValue("logout_challenge"), http.StatusSeeOther)
	})
	return mux
}

func (f *fake) showConsent(w http.ResponseWriter, r *http.Request) {
	challenge := r.URL.Query().Get("consent_challenge")
	req := f.requests[challenge]
	name := html.EscapeString(f.clients[req.client].Name)
	if f.is("nameless consent") {
		name = ""
	}
	at, _ := url.Parse(req.redirect)
	host := at.Host
	if f.is("hostless consent") {
		host = ""
	}
	boxes := ""
	for scope := range strings.FieldsSeq(req.scope) {
		off := ""
		if scope == "openid" && !f.is("openid optional") {
			off = " disabled"
		}
		boxes += fmt.Sprintf(`<input type="checkbox" name="grant_scope" value="%s" checked%s>`, scope, off)
	}
	f.show(w, http.StatusOK, "<h1>"+name+"</h1>"+host+postForm("/consent",
		hiddenField("csrf_token", "right")+hiddenField("consent_challenge", challenge)+boxes+
			`<input type="checkbox" name="remember" value="true">
			<button name="action" value="allow">Allow</button>
			<button name="action" value="deny">Deny</button>`))
}

func (f *fake) answerConsent(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("csrf_token") != "right" && !f.is("consent without csrf") {
		f.show(w, http.StatusForbidden, "refused")
		return
	}
	req := f.requests[r.PostFormValue("consent_challenge")]
	if f.is("state lost") {
		req.state = "other"
	}
	if r.PostFormValue("action") == "deny" && !f.is("denial ignored") {
		answer(w, r, req, url.Values{"error": {"access_denied"}})
		return
	}
	granted := []string{"openid"}
	for scope := range strings.FieldsSeq(req.scope) {
		if slices.Contains(r.PostForm["grant_scope"], scope) || (f.is("ticks ignored") && scope != "openid") {
			granted = append(granted, scope)
		}
	}
	if r.PostFormValue("remember") == "true" {
		f.remembered[req.client+req.email] = true
	}
	f.issueCode(w, r, req, strings.Join(granted, " "))
}

func (f *fake) show(w http.ResponseWriter, status int, body string) {
	policy := "default-src 'none'; style-src 'self'"
	if f.is("form-action too narrow") {
		policy += "; form-action 'self' " + f.at.Kratos
	}
	if !f.is("no policy") {
		w.Header().Set("Content-Security-Policy", policy)
	}
	w.Header().Set("Referrer-Policy", "strict-origin")
	if f.is("null origin refused") {
		w.Header().Set("Referrer-Policy", "no-referrer")
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if f.is("inline script") {
		body += "<script>1</script>"
	}
	_, _ = fmt.Fprintf(w, "<!doctype html><title>fake</title><body>%s</body>", body)
}

func postForm(action, inside string) string {
	return `<form method="post" action="` + html.EscapeString(action) + `">` + inside + `</form>`
}

func hiddenField(name, value string) string {
	return `<input type="hidden" name="` + name + `" value="` + html.EscapeString(value) + `">`
}
