package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testOptions(f *fake) options {
	return options{addresses: f.at, parallel: 1, timeout: time.Minute}
}

func testKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestJourneysPassAndCountTheirConnections(t *testing.T) {
	f := startFake(t, testKey(t), "")
	opts := testOptions(f)
	opts.parallel = 4
	got := travel(t.Context(), opts)
	for _, s := range got.Steps {
		if !s.OK || s.Skipped {
			t.Errorf("journey %d, %s: %s", s.Journey, s.Name, s.Detail)
		}
	}
	if got, want := len(got.Steps), 4*len((&journey{}).steps()); got != want {
		t.Errorf("got %d steps, want %d", got, want)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	want := map[string]int{}
	for name, base := range map[string]string{
		"ui": f.at.UI, "hydra": f.at.Hydra, "hydra_admin": f.at.HydraAdmin, "kratos": f.at.Kratos,
	} {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		want[hostPort(u)] = f.accepted[name]
	}
	if diff := cmp.Diff(want, got.Dialed); diff != "" {
		t.Errorf("connections counted here differ from those accepted there (-want +got):\n%s", diff)
	}
}

func TestJourneyWithoutAdminListenersReportsWhatItSkips(t *testing.T) {
	f := startFake(t, testKey(t), "")
	given := givenClient{
		ID: "given", Secret: "given secret", Name: "Given", RedirectURI: "http://127.0.0.1:1/callback",
		PostLogoutRedirectURI: "http://127.0.0.1:1/out",
	}
	f.clients[given.ID] = given
	opts := testOptions(f)
	opts.addresses.HydraAdmin, opts.client = "", &given
	var skipped []string
	for _, s := range travel(t.Context(), opts).Steps {
		if !s.OK {
			t.Errorf("%s: %s", s.Name, s.Detail)
		}
		if s.Skipped {
			skipped = append(skipped, s.Name)
		}
	}
	want := []string{"client registration (admin off)", "introspection (admin off)"}
	if diff := cmp.Diff(want, skipped); diff != "" {
		t.Errorf("skipped steps (-want +got):\n%s", diff)
	}
	if f.accepted["hydra_admin"] != 0 {
		t.Error("the admin listener was dialed")
	}
}

// TestEveryFaultIsNoticed is the proof that the journey's assertions can fail.
func TestEveryFaultIsNoticed(t *testing.T) {
	key := testKey(t)
	tests := []struct{ fault, step, detail string }{
		{"other issuer", "discovery", "issuer"},
		{"no S256", "discovery", "S256"},
		{"foreign endpoint", "discovery", "revocation_endpoint"},
		{"no clients", "client registration", "400"},
		{"foreign redirect", "authorization request", "not an address of the product"},
		{"inline script", "authorization request", "inline script"},
		{"no policy", "authorization request", "Content-Security-Policy"},
		{"challenge lost", "sign-up from the login page", "home"},
		{"null origin refused", "sign-up from the login page", "403"},
		{"nameless consent", "consent", "name"},
		{"hostless consent", "consent", "redirect host"},
		{"openid optional", "consent", "openid be unticked"},
		{"consent without csrf", "consent", "forged"},
		{"form-action too narrow", "consent", "form-action"},
		{"state lost", "consent", "state"},
		{"verifier ignored", "wrong verifier refused", "got tokens"},
		{"code not burnt", "wrong verifier refused", "after a wrong one"},
		{"any password", "sign-in in a second browser", "wrong password"},
		{"silent refusal", "sign-in in a second browser", "no alert"},
		{"other nonce", "code exchange", "nonce"},
		{"other audience", "code exchange", "audience"},
		{"other at_hash", "code exchange", "at_hash"},
		{"other sub", "code exchange", "sub"},
		{"foreign signature", "code exchange", "signature"},
		{"no email", "code exchange", "email"},
		{"no email_verified", "code exchange", "email_verified"},
		{"no amr", "code exchange", "amr"},
		{"no sid", "code exchange", "sid"},
		{"endless token", "code exchange", "expires_in"},
		{"traits leak", "userinfo", "salary"},
		{"userinfo of another", "userinfo", "sub"},
		{"introspection blind", "introspection", "inactive"},
		{"code reusable", "used code refused and its tokens dead", "got tokens"},
		{"used code is harmless", "used code refused and its tokens dead", "dead access token"},
		{"userinfo takes the dead", "used code refused and its tokens dead", "401"},
		{"no single sign-on", "single sign-on", "sent back"},
		{"refresh token not rotated", "refresh", "there before"},
		{"refresh token reusable", "used refresh token refused and its family dead", "got tokens"},
		{"family survives", "used refresh token refused and its family dead", "dead access token"},
		{"revocation ignored", "revocation", "revoked token"},
		{"logout without csrf", "logout back to the application", "forged"},
		{"logout state lost", "logout back to the application", "state"},
		{"session survives", "kratos session gone", "401"},
		{"logout everywhere", "kratos session gone", "did not sign out"},
		{"prompt=none ignored", "prompt=none answers login_required", "sent back"},
		{"denial ignored", "denial", "access_denied"},
		{"ticks ignored", "unticked scope not granted", "granted scopes"},
		{"userinfo ignores scope", "unticked scope not granted", "userinfo has claim email"},
		{"prompt=login ignored", "prompt=login asks for the password", "wanted /login"},
		{"claims without scope", "unticked scope not granted", "ID token has email"},
	}
	untried := map[string]bool{}
	for _, s := range (&journey{}).steps() {
		untried[s.name] = true
	}
	for _, test := range tests {
		delete(untried, test.step)
		t.Run(test.fault+" fails at "+test.step, func(t *testing.T) {
			t.Parallel()
			result := travel(t.Context(), testOptions(startFake(t, key, test.fault)))
			failed := result.failures()
			if len(failed) != 1 {
				t.Fatalf("got %d failed steps, want 1", len(failed))
			}
			if diff := cmp.Diff(test.step, failed[0].Name); diff != "" {
				t.Errorf("failed step (-want +got):\n%s\n%s", diff, failed[0].Detail)
			}
			if !strings.Contains(failed[0].Detail, test.detail) {
				t.Errorf("got detail %q, want it to mention %q", failed[0].Detail, test.detail)
			}
		})
	}
	if len(untried) > 0 {
		t.Errorf("no fault makes these steps fail: %v", slices.Sorted(maps.Keys(untried)))
	}
}

func TestRunTellsTheFailedStepAndPrintsJSON(t *testing.T) {
	key := testKey(t)
	for fault, want := range map[string]int{"": 0, "no amr": 1} {
		t.Run(fmt.Sprintf("exit code %d with fault %q", want, fault), func(t *testing.T) {
			f := startFake(t, key, fault)
			where, err := json.Marshal(f.at)
			if err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			got := run(t.Context(), []string{"-addresses", string(where), "-json"}, &stdout, &stderr)
			if got != want {
				t.Errorf("got exit code %d, want %d: %s", got, want, stderr.String())
			}
			if told := strings.Contains(stderr.String(), `failed at "code exchange"`); told != (want == 1) {
				t.Errorf("stderr is %q", stderr.String())
			}
			decoded := report{}
			if err := json.Unmarshal(stdout.Bytes(), &decoded); err != nil {
				t.Fatalf("reading the report: %v", err)
			}
			if got := len(decoded.failures()); got != want {
				t.Errorf("got %d failures in the report, want %d", got, want)
			}
		})
	}
}

func TestJourneyEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	failed := travel(ctx, testOptions(startFake(t, testKey(t), ""))).failures()
	if len(failed) != 1 || failed[0].Name != "discovery" {
		t.Errorf("got %+v, want a failed discovery", failed)
	}
}
