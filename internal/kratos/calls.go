package kratos

import (
	"context"
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"sync"

	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/schema"
	"github.com/ory/kratos/selfservice/flow/login"
	"github.com/ory/kratos/selfservice/flow/recovery"
	"github.com/ory/kratos/selfservice/flow/registration"
	"github.com/ory/kratos/selfservice/flow/settings"
	"github.com/ory/kratos/session"
	"github.com/ory/kratos/text"
	"github.com/ory/kratos/ui/node"
	"github.com/pkg/errors"

	"example.com/identityd/internal/hooks"
	"example.com/identityd/internal/ory"
)

// moment is what a request makes happen, as far as hooks of the operator's are told of it. What is told of waits
// here until the write that makes it true, and is written down in its transaction.
type moment struct {
	// recovers says that the request submits a recovery.
	recovers bool
	// changes is the method that a form of settings is about, and change what happens to it.
	changes, change string

	mu sync.Mutex
	// settings is the type of the flow of settings that Kratos read.
	settings string
	armed    map[hooks.Event]hooks.Occasion
	noted    hooks.Noted
}

type momentKey struct{}

func momentOf(ctx context.Context) *moment {
	m, _ := ctx.Value(momentKey{}).(*moment)
	return m
}

func (m *moment) arm(e hooks.Event, o hooks.Occasion) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.armed == nil {
		m.armed = map[hooks.Event]hooks.Occasion{}
	}
	m.armed[e] = o
}

// take returns what waits for a write, once.
func (m *moment) take(e hooks.Event) (o hooks.Occasion, ok bool) {
	if m == nil {
		return o, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok = m.armed[e]
	delete(m.armed, e)
	return o, ok
}

func (m *moment) add(noted hooks.Noted) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.noted = append(m.noted, noted...)
}

// tellOutside gives each request that may write a moment, and tells of it afterwards, outside of everything that a
// request holds. Without hooks it does nothing.
func (e *Engine) tellOutside(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !e.cfg.Hooks.Any() || readOnly(r) {
			next.ServeHTTP(w, r)
			return
		}
		m := &moment{recovers: path.Clean("/"+r.URL.Path) == recovery.RouteSubmitFlow}
		if submitted(r) == settings.RouteSubmitFlow {
			m.changes, m.change = changesWhat(r)
		}
		out := ory.NewBuffer() // who is told first may be waited for
		next.ServeHTTP(out, r.WithContext(context.WithValue(r.Context(), momentKey{}, m)))
		e.cfg.Hooks.Tell(r.Context(), m.noted)
		out.Flush(w)
	})
}

// ask asks who may refuse, while the request holds neither the lock of SQLite nor a place: whoever is asked may
// take long, and none of Kratos' hooks runs in a transaction.
func (e *Engine) ask(ctx context.Context, at hooks.Event, o hooks.Occasion) error {
	if !e.cfg.Hooks.Wants(at) {
		return nil
	}
	var v hooks.Verdict
	e.serial.Outside(ctx, func() {
		e.gate.Outside(ctx, func() {
			e.ceiling.Outside(ctx, func() { v = e.cfg.Hooks.Ask(ctx, at, o) })
		})
	})
	if !v.Refused() {
		return nil
	}
	if at != hooks.RegistrationBefore && o.Method != "profile" {
		for i := range v.Messages {
			v.Messages[i].Field = "" // there is none on the page
		}
	}
	passed(ctx) // what was tried was right: nobody has to wait for it
	return errors.WithStack(refusedBy(v, o.Request))
}

// Numbers of messages of ours (internal/locale/message_hooks.go).
const (
	messageHookRefused = 4900001
	messageHookFailed  = 4900002
	messageHookSaid    = 4900003
)

// refusedBy is what the page shows.
func refusedBy(v hooks.Verdict, request string) error {
	one := func(id text.ID, said, field string) *schema.ValidationError {
		m := text.Message{ID: id, Text: said, Type: text.Error}
		if request != "" {
			m.Context, _ = json.Marshal(map[string]string{"request": request}) // strings never fail
		}
		pointer := ""
		if field != "" {
			pointer = "#/" + strings.ReplaceAll(field, ".", "/")
		}
		return schema.NewHookValidationError(pointer, said, text.Messages{m})
	}
	switch {
	case v.Failed:
		return one(messageHookFailed, "This cannot be done at the moment.", "")
	case len(v.Messages) == 0:
		return one(messageHookRefused, "The people who run this service do not allow this.", "")
	}
	list := &schema.ValidationListError{}
	for _, m := range v.Messages {
		list.Validations = append(list.Validations, one(messageHookSaid, m.Text, m.Field))
	}
	return list
}

// calls is the hook by which Kratos comes to those of the operator. Which method a person signs up by, the flow does
// not know yet.
type calls struct {
	engine *Engine
	method string
}

// ExecutePostRegistrationPrePersistHook implements registration.PostHookPrePersistExecutor.
func (h calls) ExecutePostRegistrationPrePersistHook(_ http.ResponseWriter, r *http.Request, f *registration.Flow, i *kidentity.Identity) error {
	m := momentOf(r.Context())
	if m == nil {
		return nil
	}
	o := of(i)
	o.Method, o.Flow = h.method, string(f.Type)
	o.Request = h.engine.cfg.Hooks.Request(r.Context())
	if h.engine.cfg.Hooks.Wants(hooks.RegistrationBefore) {
		// Nobody is asked about what Kratos refuses right after this hook.
		if err := h.engine.registry.IdentityValidator().Validate(r.Context(), i); err != nil {
			return err
		}
		if err := h.engine.ask(r.Context(), hooks.RegistrationBefore, o); err != nil {
			return err
		}
	}
	m.arm(hooks.RegistrationAfter, o)
	return nil
}

// ExecuteLoginPostHook implements login.PostHookExecutor.
func (h calls) ExecuteLoginPostHook(_ http.ResponseWriter, r *http.Request, _ node.UiNodeGroup, f *login.Flow, s *session.Session) error {
	m := momentOf(r.Context())
	if m == nil {
		return nil
	}
	o := signsIn(s)
	o.Flow = string(f.Type)
	o.Request = h.engine.cfg.Hooks.Request(r.Context())
	if err := h.engine.ask(r.Context(), hooks.LoginBefore, o); err != nil {
		return err
	}
	m.arm(hooks.LoginAfter, o)
	return nil
}

// of is what is said of a person.
func of(i *kidentity.Identity) hooks.Occasion {
	o := hooks.Occasion{Schema: i.SchemaID, State: string(i.State), Traits: json.RawMessage(i.Traits)}
	if !i.ID.IsNil() {
		o.Subject = i.ID.String()
	}
	return o
}

// changesWhat says what a form of settings asks for: the method, and what happens to it.
func changesWhat(r *http.Request) (method, how string) {
	switch kind, what := change(posted(r)); kind {
	case "FactorAdded":
		return what, "added"
	case "FactorRemoved":
		return what, "removed"
	case "ProviderLinked":
		return string(kidentity.CredentialsTypeOIDC), "added"
	case "ProviderUnlinked":
		return string(kidentity.CredentialsTypeOIDC), "removed"
	case "PasswordChanged":
		return string(kidentity.CredentialsTypePassword), "changed"
	case "ProfileChanged":
		return "profile", "changed"
	}
	return "", ""
}

// signsIn is what is said of a sign-in. What was proved last is how.
func signsIn(s *session.Session) hooks.Occasion {
	var o hooks.Occasion
	if s.Identity != nil {
		o = of(s.Identity)
	}
	if !s.ID.IsNil() {
		o.Session = s.ID.String()
	}
	o.AAL = string(s.AuthenticatorAssuranceLevel)
	if n := len(s.AMR); n > 0 {
		o.Method, o.Provider = string(s.AMR[n-1].Method), s.AMR[n-1].Provider
	}
	return o
}

var (
	_ registration.PostHookPrePersistExecutor = calls{}
	_ login.PostHookExecutor                  = calls{}
)
