package ops

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"example.com/identityd/bench/flow"
	"example.com/identityd/bench/load"
	"example.com/identityd/bench/side"
	"example.com/identityd/bench/wire"
)

// sessions is how many people are signed in where that is needed: enough that it is not one row that everybody reads.
const sessions = 8

// signedIn signs some people in.
func (t *Target) signedIn(ctx context.Context, n int) ([]*person, error) {
	var out []*person
	for i := range min(n, len(t.People)) {
		p := &person{Person: t.People[i], browser: flow.NewBrowser(t.Wire)}
		if err := p.browser.SignIn(t.At, p.Email, p.Password); err != nil {
			return nil, fmt.Errorf("signing in: %w", err)
		}
		out = append(out, p)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, errors.New("signing in: the side has no people")
	}
	return out, nil
}

type person struct {
	side.Person
	browser *flow.Browser
}

func whoami(ctx context.Context, t *Target, _ int) (load.Do, error) {
	people, err := t.signedIn(ctx, sessions)
	if err != nil {
		return nil, err
	}
	type cookie struct{ id, header string }
	next := &turns[cookie]{}
	for _, p := range people {
		header, err := p.browser.Cookies(t.At.Kratos)
		if err != nil {
			return nil, err
		}
		next.of = append(next.of, cookie{p.ID, header})
	}
	return func(context.Context) error {
		c := next.take()
		r := wire.Request{Method: http.MethodGet, URL: t.At.Kratos + "/sessions/whoami", Cookie: c.header}
		return t.Wire.Do(r, func(a *wire.Answer) error {
			var s struct {
				Active   bool `json:"active"`
				Identity struct {
					ID string `json:"id"`
				} `json:"identity"`
			}
			if err := into(a, &s); err != nil {
				return err
			}
			if !s.Active || s.Identity.ID != c.id {
				return errors.New("it is not the session of who asks")
			}
			return nil
		})
	}, nil
}

func login(_ context.Context, t *Target, _ int) (load.Do, error) {
	next := &turns[side.Person]{of: t.People}
	return func(context.Context) error {
		p := next.take()
		return flow.NewBrowser(t.Wire).SignIn(t.At, p.Email, p.Password)
	}, nil
}

func registration(_ context.Context, t *Target, _ int) (load.Do, error) {
	return func(context.Context) error {
		email := fmt.Sprintf("new-%s-%d@example.com", strings.ToLower(t.Run), t.registered.Add(1))
		return flow.NewBrowser(t.Wire).Register(t.At, email, t.People[0].Password)
	}, nil
}

// flowStart is what a browser does before there is a page: Kratos makes a flow and sends it to the UI.
func flowStart(_ context.Context, t *Target, _ int) (load.Do, error) {
	return func(context.Context) error {
		r := wire.Request{Method: http.MethodGet, URL: t.At.Kratos + "/self-service/login/browser", Accept: "text/html"}
		return t.Wire.Do(r, func(a *wire.Answer) error {
			if a.Status != http.StatusSeeOther && a.Status != http.StatusFound {
				return errors.New("want a redirect")
			}
			if to := a.Header("Location"); !strings.HasPrefix(to, t.At.UI+"/login?flow=") {
				return errors.New("want a redirect to the login page with a flow")
			}
			return nil
		})
	}, nil
}

func loginPage(_ context.Context, t *Target, _ int) (load.Do, error) {
	return func(context.Context) error { return flow.NewBrowser(t.Wire).Start(t.At) }, nil
}
