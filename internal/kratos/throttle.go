package kratos

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofrs/uuid"
	kidentity "github.com/ory/kratos/identity"
	kpersistence "github.com/ory/kratos/persistence"
	"github.com/ory/kratos/selfservice/flow"
	"github.com/ory/kratos/selfservice/flow/login"
	"github.com/ory/kratos/selfservice/flow/recovery"
	"github.com/ory/kratos/selfservice/flow/settings"
	"github.com/ory/kratos/selfservice/flow/verification"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/throttle"
)

// deviceCookie is the name of the cookie by which a browser shows that it signed in before.
func (e *Engine) deviceCookie() string {
	if e.cfg.HostCookies {
		return "__Host-" + throttle.DeviceCookie
	}
	return throttle.DeviceCookie
}

func (e *Engine) deviceOf(r *http.Request) string {
	if c, err := r.Cookie(e.deviceCookie()); err == nil {
		return c.Value
	}
	return ""
}

// progress is how far a request came; Kratos' own answers do not always tell (docs/ory-quirks.md#q77).
type progress struct {
	passed atomic.Bool
	// account is what was counted, where the request signs in.
	account string
	login   bool
}

type progressKey struct{}

func passed(ctx context.Context) {
	if p, ok := ctx.Value(progressKey{}).(*progress); ok {
		p.passed.Store(true)
	}
}

// throttled asks before a secret is tried, or mail is caused, and tells what came of it. It stands outside of
// everything that a request can hold.
func (e *Engine) throttled(next http.Handler, session string) http.Handler {
	if e.cfg.Attempts == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list := attempts(r)
		if len(list) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		device := e.deviceOf(r)
		p := &progress{login: submitted(r) == login.RouteSubmitFlow}
		var ends []func(context.Context, identity.AttemptEnd)
		for _, a := range list {
			a.Device = device
			if a.Account == sessionAccount {
				a.Account = e.person(r)
			}
			if p.login {
				p.account = a.Account
			}
			end, until := e.cfg.Attempts.Begin(r, a)
			if end == nil {
				for _, end := range ends {
					end(r.Context(), identity.AttemptDropped)
				}
				e.refuse(w, r, until)
				return
			}
			ends = append(ends, end)
		}
		out := ory.NewBuffer()
		finished := false
		defer func() {
			if !finished { // a panic
				for _, end := range ends {
					end(r.Context(), identity.AttemptDropped)
				}
			}
		}()
		next.ServeHTTP(out, r.WithContext(context.WithValue(r.Context(), progressKey{}, p)))
		finished = true
		how := cameOf(r, out, session, p)
		for i, end := range ends {
			if list[i].Every && i > 0 && how == identity.AttemptFailed {
				end(r.Context(), identity.AttemptDropped) // what was refused sent no mail
				continue
			}
			end(r.Context(), how)
		}
		if how == identity.AttemptSucceeded && signedIn(out, session) {
			e.markDevice(out, r, list, device)
		}
		out.Flush(w)
	})
}

// refuse answers 429, and busy 503, so that scripts of other origins can read it where they may read the rest.
func (e *Engine) refuse(w http.ResponseWriter, r *http.Request, until time.Time) {
	e.forScripts(w, r, func(w http.ResponseWriter, r *http.Request) { e.cfg.TooMany(w, r, until) })
}

func (e *Engine) busy(w http.ResponseWriter, r *http.Request) { e.forScripts(w, r, e.cfg.Busy) }

func (e *Engine) forScripts(w http.ResponseWriter, r *http.Request, answer http.HandlerFunc) {
	e.scripts(answer).ServeHTTP(w, r)
}

// cameOf tells what came of an attempt.
func cameOf(r *http.Request, out *ory.Buffer, session string, p *progress) identity.AttemptEnd {
	switch status := out.Status(); {
	case status >= http.StatusInternalServerError:
		return identity.AttemptDropped
	case p.passed.Load():
		return identity.AttemptSucceeded
	case submitted(r) == login.RouteSubmitFlow && signedIn(out, session):
		return identity.AttemptSucceeded
	}
	return identity.AttemptFailed
}

// person names whoever the session of a request is of.
func (e *Engine) person(r *http.Request) string {
	s, err := e.registry.SessionManager().FetchFromRequest(r.Context(), r)
	if err != nil || s.IdentityID == uuid.Nil {
		return ""
	}
	return s.IdentityID.String()
}

// markDevice lets a browser show later that it signed in to the account.
func (e *Engine) markDevice(out *ory.Buffer, r *http.Request, list []identity.Attempt, had string) {
	i := slices.IndexFunc(list, func(a identity.Attempt) bool { return a.Kind == string(throttle.Login) && a.Account != "" })
	if i < 0 || list[i].Account == sessionAccount || !issues(out, e.registry.Config().SessionName(r.Context())) {
		return
	}
	value := e.cfg.Attempts.Device(had, list[i].Account)
	if value == "" {
		return
	}
	out.Header().Add("Set-Cookie", (&http.Cookie{
		Name: e.deviceCookie(), Value: value, Path: "/", MaxAge: int(throttle.DeviceLife / time.Second),
		Domain: e.cfg.CookieDomain, HttpOnly: true, Secure: !e.cfg.Dev, SameSite: http.SameSiteLaxMode,
	}).String())
}

func issues(b *ory.Buffer, cookie string) bool {
	return slices.ContainsFunc(b.Header()["Set-Cookie"], func(c string) bool { return strings.HasPrefix(c, cookie+"=") })
}

// passing is the persister, and notes where a flow reached its end.
type passing struct{ kpersistence.Persister }

// WithNetworkID keeps the wrapping.
func (p passing) WithNetworkID(id uuid.UUID) kpersistence.Persister {
	return passing{p.Persister.WithNetworkID(id)}
}

// CreateIdentity implements identity.PrivilegedPool.
func (p passing) CreateIdentity(ctx context.Context, i *kidentity.Identity) error {
	err := p.Persister.CreateIdentity(ctx, i)
	if err == nil {
		passed(ctx)
	}
	return err
}

// UpdateSettingsFlow implements settings.FlowPersister.
func (p passing) UpdateSettingsFlow(ctx context.Context, f *settings.Flow) error {
	if f.State == flow.StateSuccess {
		passed(ctx)
	}
	return p.Persister.UpdateSettingsFlow(ctx, f)
}

// UpdateRecoveryFlow implements recovery.FlowPersister.
func (p passing) UpdateRecoveryFlow(ctx context.Context, f *recovery.Flow) error {
	if f.State == flow.StatePassedChallenge {
		passed(ctx)
	}
	return p.Persister.UpdateRecoveryFlow(ctx, f)
}

// UpdateVerificationFlow implements verification.FlowPersister.
func (p passing) UpdateVerificationFlow(ctx context.Context, f *verification.Flow) error {
	if f.State == flow.StatePassedChallenge {
		passed(ctx)
	}
	return p.Persister.UpdateVerificationFlow(ctx, f)
}
