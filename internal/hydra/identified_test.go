package hydra

import (
	"context"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ory/fosite"
)

// posting is fosite's configuration with a template that shows what it was given.
type posting struct{ *fosite.Config }

func (posting) GetFormPostHTMLTemplate(context.Context) *template.Template {
	return template.Must(template.New("").Parse("{{.RedirURL}}?{{.Parameters.Encode}}"))
}

func (posting) GetResponseModeHandlerExtension(context.Context) fosite.ResponseModeHandler {
	return fosite.NewDefaultResponseModeHandler()
}

// written is what a client gets: where, and what with.
type written struct {
	Status       int
	Base         string
	Query        url.Values
	Fragment     url.Values
	CacheControl string
}

// in is where the parameters are.
func (r *written) in(mode fosite.ResponseModeType) url.Values {
	if mode == fosite.ResponseModeFragment {
		return r.Fragment
	}
	return r.Query
}

// ofIssuer takes iss out where it has to be, and fails unless it is there once and nowhere else.
func (r *written) ofIssuer(t *testing.T, mode fosite.ResponseModeType, issuer string) {
	t.Helper()
	in := r.in(mode)
	if diff := cmp.Diff([]string{issuer}, in[paramIssuer]); diff != "" {
		t.Errorf("iss (-want +got):\n%s", diff)
	}
	in.Del(paramIssuer)
}

func writtenBy(t *testing.T, write func(http.ResponseWriter)) written {
	t.Helper()
	w := httptest.NewRecorder()
	write(w)
	to := w.Header().Get("Location")
	if w.Code == http.StatusOK {
		to = strings.NewReplacer("&#43;", "+", "&amp;", "&").Replace(w.Body.String()) // the form
	}
	to, fragment, _ := strings.Cut(to, "#")
	base, query, _ := strings.Cut(to, "?")
	out := written{Status: w.Code, Base: base, CacheControl: w.Header().Get("Cache-Control")}
	for raw, into := range map[string]*url.Values{query: &out.Query, fragment: &out.Fragment} {
		values, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatalf("%s: %v", to, err)
		}
		*into = values
	}
	return out
}

// TestEachAuthorizationResponseSaysWhoseItIs holds what we write against what upstream writes (docs/ory-quirks.md#q236):
// nothing but iss is new.
func TestEachAuthorizationResponseSaysWhoseItIs(t *testing.T) {
	const issuer = "https://id.example.com/auth/?a=b&c=d" // whatever it is, it comes as it is
	f := &fosite.Fosite{Config: posting{&fosite.Config{}}}
	p := identified{f, func(context.Context) string { return issuer }}
	refused := fosite.ErrAccessDenied.WithHint(`The person said "no" & left.`)
	for name, tt := range map[string]struct {
		redirect string
		mode     fosite.ResponseModeType
		err      error
	}{
		"a code":                {redirect: "https://app.example.com/cb"},
		"a code by query":       {redirect: "https://app.example.com/cb", mode: fosite.ResponseModeQuery},
		"a code behind a query": {redirect: "https://app.example.com/cb?tenant=a%20b%2Fc&x=1&x=2", mode: fosite.ResponseModeQuery},
		"a code for an application that is opened":   {redirect: "com.example.app:/cb", mode: fosite.ResponseModeQuery},
		"a code for a program":                       {redirect: "http://127.0.0.1:51234/cb", mode: fosite.ResponseModeQuery},
		"a code by fragment":                         {redirect: "https://app.example.com/cb?x=1", mode: fosite.ResponseModeFragment},
		"a code by form":                             {redirect: "https://app.example.com/cb?x=1", mode: fosite.ResponseModeFormPost},
		"an error":                                   {redirect: "https://app.example.com/cb", err: refused},
		"an error by query":                          {redirect: "https://app.example.com/cb", mode: fosite.ResponseModeQuery, err: refused},
		"an error behind a query":                    {redirect: "https://app.example.com/cb?tenant=a%20b%2Fc&x=1&x=2", mode: fosite.ResponseModeQuery, err: refused},
		"an error for an application that is opened": {redirect: "com.example.app:/cb", mode: fosite.ResponseModeQuery, err: refused},
		"an error for a program":                     {redirect: "http://[::1]:51234/cb", mode: fosite.ResponseModeQuery, err: refused},
		"an error by fragment":                       {redirect: "https://app.example.com/cb?x=1", mode: fosite.ResponseModeFragment, err: refused},
		"an error by form":                           {redirect: "https://app.example.com/cb?x=1", mode: fosite.ResponseModeFormPost, err: refused},
		"an error that is none of fosite's":          {redirect: "https://app.example.com/cb", mode: fosite.ResponseModeQuery, err: http.ErrBodyNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			asked := func() (*fosite.AuthorizeRequest, *fosite.AuthorizeResponse) {
				ar := fosite.NewAuthorizeRequest()
				to, err := url.Parse(tt.redirect)
				if err != nil {
					t.Fatal(err)
				}
				ar.Client = &fosite.DefaultClient{RedirectURIs: []string{tt.redirect}}
				ar.RedirectURI, ar.ResponseMode, ar.State = to, tt.mode, "a b+c%20&=/é;\"~"
				resp := fosite.NewAuthorizeResponse()
				resp.AddParameter("code", "ory_ac_x.y")
				resp.AddParameter("state", ar.State)
				resp.AddHeader("X-Of-A-Handler", "1")
				return ar, resp
			}
			write := func(p fosite.OAuth2Provider) written {
				ar, resp := asked()
				return writtenBy(t, func(w http.ResponseWriter) {
					if tt.err != nil {
						p.WriteAuthorizeError(t.Context(), w, ar, tt.err)
						return
					}
					p.WriteAuthorizeResponse(t.Context(), w, ar, resp)
					if w.Header().Get("X-Of-A-Handler") == "" {
						t.Error("the headers of the handlers are lost")
					}
				})
			}
			got, want := write(p), write(f)
			if in := got.in(tt.mode); in.Get("state") != "a b+c%20&=/é;\"~" {
				t.Errorf("got the state %q", in.Get("state"))
			}
			got.ofIssuer(t, tt.mode, issuer)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("all but iss (-upstream +ours):\n%s", diff)
			}
		})
	}
}

// TestAnIssuerInARedirectURIIsNotASecondOne is of a client that registers what an attacker would like to be read. Its
// other names come once too: upstream's errors have the state of the query beside that of the request.
func TestAnIssuerInARedirectURIIsNotASecondOne(t *testing.T) {
	const redirect, issuer = "https://app.example.com/cb?iss=https%3A%2F%2Fevil.example.com&state=theirs", "https://id.example.com"
	p := identified{&fosite.Fosite{Config: posting{&fosite.Config{}}}, func(context.Context) string { return issuer }}
	for _, failed := range []bool{false, true} {
		to, err := url.Parse(redirect)
		if err != nil {
			t.Fatal(err)
		}
		ar := fosite.NewAuthorizeRequest()
		ar.Client, ar.RedirectURI = &fosite.DefaultClient{RedirectURIs: []string{redirect}}, to
		got := writtenBy(t, func(w http.ResponseWriter) {
			if failed {
				p.WriteAuthorizeError(t.Context(), w, ar, fosite.ErrAccessDenied)
				return
			}
			p.WriteAuthorizeResponse(t.Context(), w, ar, fosite.NewAuthorizeResponse())
		})
		got.ofIssuer(t, fosite.ResponseModeQuery, issuer)
		if len(got.Query["state"]) != 1 {
			t.Errorf("got the states %q", got.Query["state"])
		}
	}
}

// TestAnErrorThatGoesToNobodySaysNoIssuer is of a redirect URI that is none of the client's.
func TestAnErrorThatGoesToNobodySaysNoIssuer(t *testing.T) {
	p := identified{&fosite.Fosite{Config: posting{&fosite.Config{}}}, func(context.Context) string { return "https://id.example.com" }}
	ar := fosite.NewAuthorizeRequest()
	ar.Client, ar.RedirectURI = &fosite.DefaultClient{RedirectURIs: []string{"https://app.example.com/cb"}}, &url.URL{Scheme: "https", Host: "evil.example.com"}
	w := httptest.NewRecorder()
	p.WriteAuthorizeError(t.Context(), w, ar, fosite.ErrAccessDenied)
	if w.Header().Get("Location") != "" || strings.Contains(w.Body.String(), "id.example.com") {
		t.Errorf("got %s and %q", w.Body, w.Header().Get("Location"))
	}
}
