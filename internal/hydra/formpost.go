package hydra

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"github.com/ory/fosite"
	hoauth2 "github.com/ory/hydra/v2/oauth2"
)

// posted is an answer that has to be posted to the client.
type posted struct {
	action string
	fields url.Values
}

type postedKey struct{}

// postConfig gives fosite a template that writes nothing and takes what it is to show, in place of a page
// with a script in an attribute (docs/ory-quirks.md#q72).
type postConfig struct{ fosite.Configurator }

// GetFormPostHTMLTemplate implements fosite.FormPostHTMLTemplateProvider.
func (c postConfig) GetFormPostHTMLTemplate(ctx context.Context) *template.Template {
	p, ok := ctx.Value(postedKey{}).(*posted)
	if !ok {
		return c.Configurator.GetFormPostHTMLTemplate(ctx)
	}
	take := func(action string, fields url.Values) string {
		p.action, p.fields = action, fields
		return ""
	}
	return template.Must(template.New("").Funcs(template.FuncMap{"take": take}).Parse("{{take .RedirURL .Parameters}}"))
}

// takeFormPost puts postConfig where fosite looks for its template.
func (e *Engine) takeFormPost() error {
	if e.cfg.FormPost == nil {
		return nil
	}
	f, ok := e.registry.OAuth2Provider().(*fosite.Fosite)
	if !ok {
		return fmt.Errorf("taking over form_post: the provider is a %T (docs/ory-quirks.md#q72)", e.registry.OAuth2Provider())
	}
	f.Config = postConfig{f.Config}
	return nil
}

// formPost shows ours where fosite would have shown its page.
func (e *Engine) formPost(next http.Handler) http.Handler {
	if e.cfg.FormPost == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != hoauth2.AuthPath {
			next.ServeHTTP(w, r)
			return
		}
		p := &posted{}
		next.ServeHTTP(&withheld{w, p}, r.WithContext(context.WithValue(r.Context(), postedKey{}, p)))
		if p.action != "" {
			e.cfg.FormPost(w, r, p.action, p.fields)
		}
	})
}

// withheld drops what the template writes, which is nothing but would send the header.
type withheld struct {
	http.ResponseWriter
	posted *posted
}

// Write implements http.ResponseWriter.
func (w *withheld) Write(b []byte) (int, error) {
	if w.posted.action != "" {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}
