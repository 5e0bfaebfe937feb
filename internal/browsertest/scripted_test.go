package browsertest

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// openScripted is open, with scripts allowed.
func openScripted(t *testing.T, name string) *tab {
	t.Helper()
	b := open(t, name)
	b.load("allowing scripts", chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
		return err
	}))
	return b
}

// authenticator gives the browser a device that holds keys and whose person agrees to everything.
func (b *tab) authenticator() webauthn.AuthenticatorID {
	b.t.Helper()
	var made webauthn.AuthenticatorID
	b.load("adding an authenticator", chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		if _, err := cdp.Call(ctx, s, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		out, err := cdp.Call(ctx, s, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
			Options: &webauthn.VirtualAuthenticatorOptions{
				Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
				HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
			},
		})
		made = out.AuthenticatorID
		return err
	}))
	return made
}

// refuse makes the person say no.
func (b *tab) refuse(id webauthn.AuthenticatorID, refused bool) {
	b.t.Helper()
	b.load("changing the authenticator", chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: id, IsUserVerified: !refused})
		return err
	}))
}

// absent makes nobody touch the device: what the browser asks for waits.
func (b *tab) absent(id webauthn.AuthenticatorID, absent bool) {
	b.t.Helper()
	b.load("changing the authenticator", chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, webauthn.SetAutomaticPresenceSimulation,
			webauthn.SetAutomaticPresenceSimulationParams{AuthenticatorID: id, Enabled: !absent})
		return err
	}))
}

// click presses what an XPath finds, where no page follows.
func (b *tab) click(path string) {
	b.t.Helper()
	b.load("clicking "+path, chromedp.Click(chromedp.Search(path), chromedp.NodeVisible))
}

// await returns when an XPath finds something that can be seen.
func (b *tab) await(path string) {
	b.t.Helper()
	b.load("waiting for "+path, chromedp.WaitVisible(chromedp.Search(path)))
}

// oneTime computes what an authenticator app shows for a secret (RFC 6238: SHA-1, six digits, thirty seconds).
func oneTime(t *testing.T, secret string) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatalf("reading the secret %q: %v", secret, err)
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, uint64(time.Now().Unix()/30))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}
