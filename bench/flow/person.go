package flow

import (
	"errors"
	"fmt"
	"strings"

	"example.com/identityd/bench/side"
)

// Start opens the login page as somebody does who wants to sign in.
func (b *Browser) Start(at side.Addresses) error {
	if err := b.Open(at.Kratos + "/self-service/login/browser"); err != nil {
		return err
	}
	if formWith(b.page, "identifier", "password") == nil {
		return fmt.Errorf("%s is not a page to sign in on", b.where())
	}
	return nil
}

// SignIn signs in by a password and stops where the session begins.
func (b *Browser) SignIn(at side.Addresses, email, password string) error {
	if err := b.Start(at); err != nil {
		return err
	}
	if err := b.submit(map[string]string{"identifier": email, "password": password}, nil, 0); err != nil {
		return err
	}
	return b.signedIn(at)
}

// Register makes an account and stops where its session begins. Kratos by itself asks for the address on one page and for the password on the next.
func (b *Browser) Register(at side.Addresses, email, password string) error {
	if err := b.Open(at.Kratos + "/self-service/registration/browser"); err != nil {
		return err
	}
	if formWith(b.page, "traits.email", "password") == nil {
		if err := b.Submit(map[string]string{"traits.email": email}); err != nil {
			return err
		}
	}
	if err := b.submit(map[string]string{"traits.email": email, "password": password}, nil, 0); err != nil {
		return err
	}
	return b.signedIn(at)
}

// signedIn looks for the cookie of the session: a refusal leads back to a page by a redirect, too.
func (b *Browser) signedIn(at side.Addresses) error {
	cookies, err := b.Cookies(at.Kratos)
	if err != nil {
		return err
	}
	for c := range strings.SplitSeq(cookies, "; ") {
		if name, _, _ := strings.Cut(c, "="); strings.Contains(name, "session") && !strings.Contains(name, "hydra") {
			return nil
		}
	}
	return errors.New("the answer brought no session")
}
