package ops

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"example.com/identityd/bench/flow"
	"example.com/identityd/bench/load"
	"example.com/identityd/bench/side"
)

const scope = "openid offline_access email"

// code is everything a person and an application do for the first sign-in of a browser. The client is a public one, so that the only hash is the password's.
func code(_ context.Context, t *Target, _ int) (load.Do, error) {
	app, err := t.public()
	if err != nil {
		return nil, err
	}
	next := &turns[side.Person]{of: t.People}
	return func(context.Context) error {
		p := next.take()
		return whole(app.take(), flow.NewBrowser(t.Wire), p, p.Password)
	}, nil
}

// codeSignedIn is the same for a browser in which the person has signed in at another application already. Hydra has to know of it: for a session that Kratos alone knows of the
// official set-up asks for the password again.
func codeSignedIn(ctx context.Context, t *Target, _ int) (load.Do, error) {
	app, err := t.public()
	if err != nil {
		return nil, err
	}
	people, err := t.known(ctx, sessions)
	if err != nil {
		return nil, err
	}
	next := &turns[*person]{of: people}
	return func(context.Context) error {
		p := next.take()
		b, err := p.browser.Copy(t.At.OAuth2, t.At.Kratos, t.At.UI)
		if err != nil {
			return err
		}
		return whole(app.take(), b, p.Person, "")
	}, nil
}

func (t *Target) public() (*turns[*flow.Application], error) {
	next := &turns[*flow.Application]{}
	for _, c := range t.Public {
		next.of = append(next.of, t.application(c, scope))
	}
	if len(next.of) == 0 {
		return nil, errors.New("preparing a code flow: the side has no public client")
	}
	return next, nil
}

func whole(app *flow.Application, b *flow.Browser, p side.Person, password string) error {
	got, err := app.Code(b, p.Email, password)
	if err != nil {
		return err
	}
	who, err := app.Userinfo(got.Access)
	if err == nil && who != p.ID {
		err = errors.New("the tokens are somebody else's")
	}
	return err
}

// known signs people in at an application, so that both engines know their browsers.
func (t *Target) known(ctx context.Context, n int) ([]*person, error) {
	app, err := t.public()
	if err != nil {
		return nil, err
	}
	var out []*person
	for i := range min(n, len(t.People)) {
		p := &person{Person: t.People[i], browser: flow.NewBrowser(t.Wire)}
		if err := whole(app.take(), p.browser, p.Person, p.Password); err != nil {
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

// granted gives a person's tokens to so many, each from a sign-in of its own.
func (t *Target) granted(ctx context.Context, n int) ([]grant, error) {
	people, err := t.known(ctx, 1)
	if err != nil {
		return nil, err
	}
	var out []grant
	for i := range n {
		g := grant{app: t.application(t.Confidential[i%len(t.Confidential)], scope), person: people[0].Person}
		b, err := people[0].browser.Copy(t.At.OAuth2, t.At.Kratos, t.At.UI)
		if err != nil {
			return nil, err
		}
		if g.Tokens, err = g.app.Code(b, "", ""); err != nil {
			return nil, fmt.Errorf("preparing tokens: %w", err)
		}
		out = append(out, g)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type grant struct {
	flow.Tokens
	app    *flow.Application
	person side.Person
}

func userinfo(ctx context.Context, t *Target, _ int) (load.Do, error) {
	grants, err := t.granted(ctx, sessions)
	if err != nil {
		return nil, err
	}
	next := &turns[grant]{of: grants}
	return func(context.Context) error {
		g := next.take()
		who, err := g.app.Userinfo(g.Access)
		if err == nil && who != g.person.ID {
			err = errors.New("the claims are somebody else's")
		}
		return err
	}, nil
}

// refresh redeems the newest refresh token of a chain, which nobody else does at the same time: a token that is used twice ends its chain.
func refresh(ctx context.Context, t *Target, most int) (load.Do, error) {
	grants, err := t.granted(ctx, most)
	if err != nil {
		return nil, err
	}
	chains := make(chan *grant, len(grants))
	for i := range grants {
		chains <- &grants[i]
	}
	return func(ctx context.Context) error {
		var g *grant
		select {
		case g = <-chains:
		case <-ctx.Done():
			return ctx.Err()
		}
		defer func() { chains <- g }()
		got, err := g.app.Redeem(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {g.Refresh}})
		switch {
		case err != nil:
			return err
		case got.Refresh == "" || got.Refresh == g.Refresh || got.Access == "":
			return errors.New("the refresh token was not replaced")
		}
		g.Tokens = got
		return nil
	}, nil
}
