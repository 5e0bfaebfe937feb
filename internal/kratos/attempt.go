package kratos

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/ory/kratos/selfservice/flow/login"
	"github.com/ory/kratos/selfservice/flow/recovery"
	"github.com/ory/kratos/selfservice/flow/registration"
	"github.com/ory/kratos/selfservice/flow/settings"
	"github.com/ory/kratos/selfservice/flow/verification"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/throttle"
)

// submitted returns the path of the flow that a request submits, as Kratos' router will see it, and empty
// for every other request.
func submitted(r *http.Request) string {
	p := path.Clean("/" + r.URL.Path)
	switch p {
	case login.RouteSubmitFlow, registration.RouteSubmitFlow, settings.RouteSubmitFlow:
		if r.Method == http.MethodPost {
			return p
		}
	case recovery.RouteSubmitFlow, verification.RouteSubmitFlow:
		// Kratos takes these by GET too, for the links of mails.
		if r.Method == http.MethodPost || r.Method == http.MethodGet && (r.URL.Query().Has("code") || r.URL.Query().Has("token")) {
			return p
		}
	}
	return ""
}

// attempts says what a request tries: the secret that it brings, the mail that it causes, or both. It is
// none when it only takes a step, such as one that names an account or goes to another provider.
func attempts(r *http.Request) []identity.Attempt {
	at := submitted(r)
	if at == "" {
		return nil
	}
	f := fields(r)
	flow := "flow:" + r.URL.Query().Get("flow")
	secret := func(account string) identity.Attempt {
		return identity.Attempt{Kind: string(throttle.Login), Account: account}
	}
	mail := func(account string) identity.Attempt {
		return identity.Attempt{Kind: string(throttle.Mail), Account: account, Every: true}
	}
	code := f.Get("code") != ""
	switch at {
	case login.RouteSubmitFlow:
		who := identifier(f)
		switch {
		case f.Has("password"):
			return []identity.Attempt{secret(who)}
		case f.Get("totp_code") != "" || f.Get("lookup_secret") != "":
			return []identity.Attempt{secret(sessionAccount)}
		case code:
			return []identity.Attempt{secret(cmp.Or(who, flow))}
		case f.Get("webauthn_login") != "" || f.Get("passkey_login") != "":
			return []identity.Attempt{secret("")}
		case f.Get("method") == "code" && who != "":
			return []identity.Attempt{mail(who)}
		}
	case registration.RouteSubmitFlow:
		if f.Get("provider") != "" || f.Get("method") == "profile" || f.Get("screen") != "" {
			return nil
		}
		list := []identity.Attempt{{Kind: string(throttle.Form)}}
		if code {
			return append(list, secret(flow))
		}
		if to := f.mailbox(); to != "" {
			list = append(list, mail(to))
		}
		return list
	case settings.RouteSubmitFlow:
		list := []identity.Attempt{{Kind: string(throttle.Form), Account: sessionAccount}}
		if to := f.mailbox(); to != "" {
			list = append(list, mail(to))
		}
		return list
	case recovery.RouteSubmitFlow, verification.RouteSubmitFlow:
		switch to := f.Get("email"); {
		case to != "":
			return []identity.Attempt{mail(to)}
		case code || r.URL.Query().Get("token") != "":
			return []identity.Attempt{secret(flow)}
		}
	}
	return nil
}

// sessionAccount stands for whoever the session of the request is of.
const sessionAccount = "\x00session"

func identifier(f form) string {
	return cmp.Or(f.Get("identifier"), f.Get("password_identifier"), f.Get("address"))
}

// form is what a request sends, in whichever of the ways that Kratos takes.
type form struct{ url.Values }

// mailbox returns the first trait that looks like an address that mail goes to.
func (f form) mailbox() string {
	var names []string
	for name := range f.Values {
		if strings.HasPrefix(name, "traits.") && strings.Contains(f.Get(name), "@") {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return f.Get(names[0])
}

// fields reads what is sent, and leaves all of it to be read again. What cannot be read has no fields: Kratos
// meets the same and refuses it.
func fields(r *http.Request) form {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
		return form{url.Values{}}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if strings.Contains(r.Header.Get("Content-Type"), "json") {
		out := form{url.Values{}}
		var sent map[string]any
		if json.Unmarshal(body, &sent) == nil {
			flatten(out.Values, "", sent)
		}
		return out
	}
	// A copy, so that Kratos parses the original by itself.
	in := (&http.Request{Method: r.Method, URL: r.URL, Header: r.Header, Body: io.NopCloser(bytes.NewReader(body))}).WithContext(r.Context())
	if err := in.ParseMultipartForm(publicBody); err != nil && in.Form == nil {
		return form{url.Values{}}
	}
	if in.MultipartForm != nil {
		defer in.MultipartForm.RemoveAll() //nolint:errcheck // nothing of that size is on disk
	}
	return form{in.Form}
}

func flatten(out url.Values, prefix string, sent map[string]any) {
	for name, v := range sent {
		switch v := v.(type) {
		case string:
			out.Set(prefix+name, v)
		case map[string]any:
			flatten(out, prefix+name+".", v)
		case nil:
		default:
			out.Set(prefix+name, "1")
		}
	}
}
