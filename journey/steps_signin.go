package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// signIn uses a browser that has never been here: a wrong password first, then the right one, and a
// consent that is remembered.
func (j *journey) signIn(ctx context.Context) (string, error) {
	j.try = j.app.authorize(allScopes)
	at, err := j.second.open(ctx, j.app.config.RedirectURL, j.try.address)
	if err != nil {
		return "", err
	}
	login, err := at.wantPage(http.StatusOK)
	if err != nil {
		return "", err
	}
	if login, err = j.wrongPassword(ctx, login); err != nil {
		return "", err
	}
	consent, err := j.passLogin(ctx, j.second, login)
	if err != nil {
		return "", err
	}
	f, err := j.lookOver(consent)
	if err != nil {
		return "", err
	}
	if at, err = j.answerConsent(ctx, j.second, consent, f, true, "allow"); err != nil {
		return "", err
	}
	j.code, err = j.app.code(j.try, at)
	return "wrong password refused, right one accepted, consent remembered", err
}

// wrongPassword returns the login page that says so.
func (j *journey) wrongPassword(ctx context.Context, login *page) (*page, error) {
	if login.alerts() != "" {
		return nil, fmt.Errorf("the login page complains before anything was typed: %s", login.seen())
	}
	at, err := j.typePassword(ctx, j.second, login, "not the password of anybody")
	if err != nil {
		return nil, err
	}
	again, err := at.wantPage(http.StatusOK)
	if err != nil {
		return nil, fmt.Errorf("typing a wrong password: %w", err)
	}
	if err := j.onUI(again, "/login"); err != nil {
		return nil, fmt.Errorf("typing a wrong password: %w", err)
	}
	if again.alerts() == "" {
		return nil, fmt.Errorf("no alert tells that the password is wrong: %s", again.seen())
	}
	status, _, err := j.askWhoami(ctx, j.second)
	if err != nil {
		return nil, err
	}
	if status != http.StatusUnauthorized {
		return nil, fmt.Errorf("wanted whoami to answer 401 after a wrong password, got %d", status)
	}
	return again, nil
}

// passLogin types the right password and ends on the consent page.
func (j *journey) passLogin(ctx context.Context, b *browser, login *page) (*page, error) {
	if err := j.onUI(login, "/login"); err != nil {
		return nil, err
	}
	at, err := j.typePassword(ctx, b, login, j.password)
	if err != nil {
		return nil, err
	}
	consent, err := at.wantPage(http.StatusOK)
	if err != nil {
		return nil, fmt.Errorf("typing the right password: %w", err)
	}
	return consent, j.onUI(consent, "/consent")
}

// typePassword fills in the login form. The identifier is already there, and hidden, when somebody
// who is known signs in again.
func (j *journey) typePassword(
	ctx context.Context, b *browser, login *page, password string,
) (landing, error) {
	f, err := login.form("identifier", "password")
	if err != nil {
		return landing{}, err
	}
	if known := f.field("identifier"); known.kind == "hidden" {
		if known.value != j.email {
			return landing{}, errors.New("the login page knows another person than the one signed in")
		}
	} else if err := f.fill("identifier", j.email); err != nil {
		return landing{}, err
	}
	if err := f.fill("password", password); err != nil {
		return landing{}, err
	}
	return j.press(ctx, b, login, f)
}

// singleSignOn asks again in the browser that is signed in: nothing may be asked of the person.
func (j *journey) singleSignOn(ctx context.Context) (string, error) {
	if err := j.silently(ctx); err != nil {
		return "", err
	}
	old := j.claims
	if err := j.silently(ctx, "prompt", "none"); err != nil {
		return "", fmt.Errorf("with prompt=none: %w", err)
	}
	if old.Subject != j.claims.Subject || old.SessionID != j.claims.SessionID {
		return "", errors.New("the tokens of two sign-ons name different persons or sessions")
	}
	return "twice no page between request and code, also with prompt=none", nil
}

// silently gets tokens for the second browser's session without any page.
func (j *journey) silently(ctx context.Context, extra ...string) error {
	j.try = j.app.authorize(allScopes, extra...)
	at, err := j.second.open(ctx, j.app.config.RedirectURL, j.try.address)
	if err != nil {
		return err
	}
	return j.redeem(ctx, at)
}

// redeem turns the answer to the attempt under way into tokens whose ID token is sound.
func (j *journey) redeem(ctx context.Context, at landing) error {
	code, err := j.app.code(j.try, at)
	if err != nil {
		return err
	}
	if j.tokens, err = j.app.exchange(ctx, code, j.try.verifier); err != nil {
		return fmt.Errorf("exchanging the code: %w", tokenError(err))
	}
	j.claims, err = j.app.verify(ctx, j.tokens, j.try.nonce)
	return err
}

// whoami is the identity's id in the browser's session, which must be active and the traveler's.
func (j *journey) whoami(ctx context.Context, b *browser) (string, error) {
	status, body, err := j.askWhoami(ctx, b)
	if err != nil {
		return "", err
	}
	if status != http.StatusOK {
		return "", fmt.Errorf("wanted whoami to answer 200, got %d", status)
	}
	session := struct {
		Active   bool `json:"active"`
		Identity struct {
			ID     string `json:"id"`
			Traits struct {
				Email string `json:"email"`
			} `json:"traits"`
		} `json:"identity"`
	}{}
	if err := json.Unmarshal(body, &session); err != nil {
		return "", fmt.Errorf("reading whoami: %w", err)
	}
	if !session.Active || session.Identity.Traits.Email != j.email || session.Identity.ID == "" {
		return "", fmt.Errorf("whoami tells of another session: active %t, email %q", session.Active,
			session.Identity.Traits.Email)
	}
	return session.Identity.ID, nil
}

func (j *journey) askWhoami(ctx context.Context, b *browser) (int, []byte, error) {
	address := strings.TrimSuffix(j.at.Kratos, "/") + "/sessions/whoami"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := roundTrip(b.client, req)
	if err != nil {
		return 0, nil, fmt.Errorf("asking whoami: %w", err)
	}
	return res.status, res.body, nil
}
