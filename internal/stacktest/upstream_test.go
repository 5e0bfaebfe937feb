package stacktest

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/tried"
)

// upstream runs oidc-provider as it is published (sdk/upstream), for an identityd that is sent back to callback, and
// returns its issuer.
func upstream(t *testing.T, callbacks ...string) string {
	t.Helper()
	issuer, err := upstreamIfAny(t, callbacks...)
	if err != nil {
		t.Skipf("SKIP: %v", err)
	}
	return issuer
}

// upstreamIfAny is upstream for a test that has more to try where there is no node.
func upstreamIfAny(t *testing.T, callbacks ...string) (issuer string, none error) {
	t.Helper()
	dir := filepath.Join("..", "..", "sdk", "upstream")
	if err := installNode(t.Context(), dir); err != nil {
		if slices.Contains(strings.Split(os.Getenv("IDENTITYD_TEST_REQUIRE"), ","), "node") {
			t.Fatalf("%v (IDENTITYD_TEST_REQUIRE asks for it)", err)
		}
		return "", err
	}
	redirects, err := json.Marshal(callbacks)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "provider.mjs")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "UPSTREAM_REDIRECTS="+string(redirects), "UPSTREAM_SECRET="+providerSecret)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill() //nolint:errcheck // it has ended then
		cmd.Wait()         //nolint:errcheck // it was killed
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "http://127.0.0.1:") {
		t.Fatalf("oidc-provider says %q (%v)", lines.Text(), lines.Err())
	}
	return lines.Text(), nil
}

// goesUpstream leaves by the button of the provider, and says there who it is.
func (b *Browser) goesUpstream(s *Stack, name string) {
	b.t.Helper()
	b.answer(s, map[string]string{"provider": "work"})
	if b.URL.Hostname() != "127.0.0.1" {
		b.t.Fatalf("got %s, want the page of the provider", b.URL.Redacted())
	}
	b.Submit("form", map[string]string{"name": name})
}

// TestUpstreamProvider signs people in with a service of others': oidc-provider, over HTTP, before two replicas that get
// every other request each, so that the whole dance goes back and forth between them.
func TestUpstreamProvider(t *testing.T) {
	public := Ports(t, 3)
	callback := localhost(public[2]) + "/self-service/methods/oidc/callback/work"
	issuer := upstream(t, callback)
	h := newHooked(t)
	words := map[string]string{"login_providers": providerOfWords + issuer, "hooks": h.file(t, "")}
	s, second := replicasAt(t, public, Set("identity.verification", "required"), withFiles(t, words))
	start := application(t, s)
	for _, one := range []struct {
		name string
		test func(*testing.T)
	}{
		{"signing up and in", func(t *testing.T) { testUpstreamSignsIn(t, s, start) }},
		{"an address that is missing", func(t *testing.T) { testUpstreamWithoutAddress(t, s) }},
		{"an address that is not vouched for", func(t *testing.T) { testUpstreamUnverified(t, s) }},
		{"an address that is taken", func(t *testing.T) { testUpstreamTaken(t, s) }},
		{"what goes wrong on the way", func(t *testing.T) { testUpstreamFails(t, s) }},
		{"hooks hear of a provider, and may say no", func(t *testing.T) { hookedProvider(t, s, h) }},
		{"hooks hear of a passkey, and may say no", func(t *testing.T) { hookedPasskey(t, s, h) }},
	} {
		t.Run(one.name, one.test)
	}
	for name, replica := range map[string]*Stack{"first": s, "second": second} {
		if replica.Accepted.On(replica.Address("kratos_public")) == 0 {
			t.Errorf("the %s replica served nothing", name)
		}
	}
}

func testUpstreamSignsIn(t *testing.T, s *Stack, start string) {
	for _, which := range []string{"signing up", "signing in again, in another browser"} {
		b := NewBrowser(t)
		b.Open(start)
		b.goesUpstream(s, "gina")
		got := b.whoami(s)
		if b.URL.Path != "/consent" || got == nil || !verified(t, s, "gina@example.com") {
			t.Fatalf("%s: got %s and session %+v, want the consent of the application", which, b.URL.Redacted(), got)
		}
		if diff := cmp.Diff(map[string]any{"email": "gina@example.com", "name": "gina"}, got.Identity.Traits); diff != "" {
			t.Errorf("%s: traits (-want +got):\n%s", which, diff)
		}
	}
}

func testUpstreamWithoutAddress(t *testing.T, s *Stack) {
	const address = "typed@example.com"
	b := NewBrowser(t)
	b.Open(s.URLs.UI + "/login")
	b.goesUpstream(s, "nomail-ned")
	if b.URL.Path != "/registration" || b.whoami(s) != nil {
		t.Fatalf("got %s, want the form that asks for what is missing", b.URL.Redacted())
	}
	if got := b.Page.Attr(`input[name="traits.name"]`, "value"); got != "nomail-ned" {
		t.Errorf("the name that the provider said is not filled in: %q", got)
	}
	b.Page.One(`input[name="traits.email"][required]`)
	if text := b.Page.Text("main"); !strings.Contains(text, "Please fill this in.") {
		t.Errorf("the page does not say what is missing: %q", text)
	}
	// The provider knows the browser now, and asks no more.
	b.answer(s, map[string]string{"provider": "work", "traits.email": address, "traits.name": "nomail-ned"})
	if b.URL.Path != "/verification" || b.whoami(s) != nil || verified(t, s, address) {
		t.Fatalf("got %s, want the page that asks for the code: an address that was typed proves nothing", b.URL.Redacted())
	}
	tried.Report(t, "an address that was typed after a provider said none", "verified: %t", verified(t, s, address))
	code, _ := mailed(t, s, address)
	b.answer(s, map[string]string{"code": code, "method": "code"})
	if !verified(t, s, address) {
		t.Fatalf("got %s, want the address verified", b.URL.Redacted())
	}
	again := NewBrowser(t)
	again.Open(s.URLs.UI + "/login")
	again.goesUpstream(s, "nomail-ned")
	if got := again.whoami(s); got == nil || got.Identity.Traits["email"] != address {
		t.Errorf("got %s and session %+v, want the account that was made", again.URL.Redacted(), got)
	}
}

func testUpstreamUnverified(t *testing.T, s *Stack) {
	b := NewBrowser(t)
	b.Open(s.URLs.UI + "/registration")
	b.goesUpstream(s, "unverified-una")
	if b.URL.Path != "/verification" || b.whoami(s) != nil || verified(t, s, "una@example.com") {
		t.Fatalf("got %s, want the page that asks for the code", b.URL.Redacted())
	}
	// What the provider does not vouch for takes nobody's account: the answer is that of a new one.
	member(t, s, "owner@example.com")
	b = NewBrowser(t)
	b.Open(s.URLs.UI + "/login")
	b.goesUpstream(s, "unverified-owner")
	if b.URL.Path != "/verification" || b.whoami(s) != nil {
		t.Errorf("got %s", b.URL.Redacted())
	}
	tried.Report(t, "a provider that says the address of somebody else without vouching for it", "a session: %t", b.whoami(s) != nil)
}

func testUpstreamTaken(t *testing.T, s *Stack) {
	id := member(t, s, "taken@example.com")
	b := NewBrowser(t)
	b.Open(s.URLs.UI + "/registration")
	b.goesUpstream(s, "taken")
	if !said(b.flow(s), msgLinkAccount) || b.whoami(s) != nil {
		t.Fatalf("got %s, want to be asked for the account that exists", b.URL.Redacted())
	}
	b.answer(s, map[string]string{"identifier": "taken@example.com", "password": password, "method": "password"})
	if got := b.whoami(s); got == nil || got.Identity.ID != id {
		t.Fatalf("got %s and session %+v", b.URL.Redacted(), got)
	}
	b = NewBrowser(t)
	b.Open(s.URLs.UI + "/login")
	b.goesUpstream(s, "taken")
	if got := b.whoami(s); got == nil || got.Identity.ID != id {
		t.Errorf("got %s and session %+v, want the provider to be enough", b.URL.Redacted(), got)
	}
}

func testUpstreamFails(t *testing.T, s *Stack) {
	t.Run("who says no there comes back to a page that offers all ways again", func(t *testing.T) {
		b := NewBrowser(t)
		b.Open(s.URLs.UI + "/login")
		b.answer(s, map[string]string{"provider": "work"})
		b.Submit("form", map[string]string{"name": "nobody", "answer": "no"})
		if b.whoami(s) != nil || b.Status >= http.StatusInternalServerError || b.Page == nil {
			t.Fatalf("got %s (%d)", b.URL.Redacted(), b.Status)
		}
		if b.URL.Path != "/login" || len(b.Page.All(`button[name="provider"]`)) != 1 || b.Page.Text("#alert") == "" {
			t.Errorf("got %s: %q, want the sign-in with a word of what happened", b.URL.Redacted(), b.Page.Text("main"))
		}
	})
	for name, change := range map[string]func(url.Values){
		"another state": func(q url.Values) { q.Set("state", strings.Repeat("ab", 80)) },
		"no state":      func(q url.Values) { q.Del("state") },
		"another code":  func(q url.Values) { q.Set("code", "made-up") },
	} {
		t.Run(name+" signs nobody in", func(t *testing.T) {
			b := NewBrowser(t)
			b.Open(s.URLs.UI + "/login")
			back := b.comesBackBy(s, "mallory", change)
			if b.whoami(s) != nil || b.Status >= http.StatusInternalServerError || b.Page == nil {
				t.Errorf("got %s (%d) and a session: %t", b.URL.Redacted(), b.Status, b.whoami(s) != nil)
			}
			tried.Report(t, "the way back from a provider with "+name, "a session: %t", b.whoami(s) != nil)
			if name == "another state" {
				// The right one, in another browser: somebody is made to sign in as somebody else.
				other := NewBrowser(t)
				other.Open(back)
				if other.whoami(s) != nil {
					t.Error("another browser got the session")
				}
				tried.Report(t, "the way back from a provider in another browser", "a session: %t", other.whoami(s) != nil)
			}
		})
	}
}

// comesBackBy signs in at the provider and comes back by another address than it says, which is returned.
func (b *Browser) comesBackBy(s *Stack, name string, change func(url.Values)) (right string) {
	b.t.Helper()
	b.answer(s, map[string]string{"provider": "work"})
	before := b.client.CheckRedirect
	b.client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if strings.Contains(r.URL.Path, "/callback/") {
			right = r.URL.String()
			return http.ErrUseLastResponse
		}
		return before(r, via)
	}
	b.Submit("form", map[string]string{"name": name})
	b.client.CheckRedirect = before
	to, err := url.Parse(right)
	if err != nil || right == "" {
		b.t.Fatalf("got %s (%d), want the way back (%v)", b.URL.Redacted(), b.Status, err)
	}
	query := to.Query()
	change(query)
	to.RawQuery = query.Encode()
	b.Open(to.String())
	return right
}

// TestInvitedByAProvider is about sign-ups through a provider where they take an invitation.
func TestInvitedByAProvider(t *testing.T) {
	public := Ports(t, 3)
	issuer := upstream(t, localhost(public[2])+"/self-service/methods/oidc/callback/work")
	s, _ := replicasAt(t, public, Set("registration.mode", "invite"), Set("identity.verification", "required"),
		withFiles(t, map[string]string{"login_providers": providerOfWords + issuer}))
	t.Run("without one nobody gets an account, from the sign-in neither", func(t *testing.T) {
		b := NewBrowser(t)
		b.Open(s.URLs.UI + "/login")
		b.goesUpstream(s, "stranger")
		if b.whoami(s) != nil || personBy(t, s, "stranger@example.com") != nil || b.heading() != "Sign-up is by invitation" {
			t.Errorf("got %s %q", b.URL.Redacted(), b.heading())
		}
		tried.Report(t, "a sign-up through a provider without an invitation", "an account: %t", personBy(t, s, "stranger@example.com") != nil)
	})
	t.Run("it survives the detour", func(t *testing.T) {
		i, b := invited(t, s, "irma@example.com", "staff"), NewBrowser(t)
		signUpInvited(b, s, i.Link)
		b.goesUpstream(s, "irma")
		if b.whoami(s) == nil || stateOf(t, s, i.ID).State != "used" || len(groupsOf(personBy(t, s, "irma@example.com"))) != 1 {
			t.Errorf("got %s %q", b.URL.Redacted(), b.heading())
		}
	})
	t.Run("and the way from the page of the sign-in", func(t *testing.T) {
		i, b := invited(t, s, "jan@example.com", "staff"), NewBrowser(t)
		b.Open(i.Link)
		b.Open(s.URLs.UI + "/login")
		b.goesUpstream(s, "jan")
		if b.whoami(s) == nil || stateOf(t, s, i.ID).State != "used" {
			t.Errorf("got %s %q", b.URL.Redacted(), b.heading())
		}
	})
	t.Run("another address at the provider is asked about, and the invited one is taken", func(t *testing.T) {
		i, b := invited(t, s, "kim@example.com", "staff"), NewBrowser(t)
		signUpInvited(b, s, i.Link)
		b.goesUpstream(s, "kim-at-work")
		if b.URL.Path != "/registration" || personBy(t, s, "kim-at-work@example.com") != nil || stateOf(t, s, i.ID).State != "open" {
			t.Fatalf("got %s %q", b.URL.Redacted(), b.heading())
		}
		if got := b.Page.Attr(`input[name="traits.email"][readonly]`, "value"); got != "kim@example.com" {
			t.Errorf("got address %q in the form", got)
		}
		b.answer(s, map[string]string{"provider": "work", "traits.email": "kim@example.com"})
		if b.URL.Path != "/verification" || verified(t, s, "kim@example.com") || stateOf(t, s, i.ID).State != "used" {
			t.Errorf("got %s %q, want the code for the invited address", b.URL.Redacted(), b.heading())
		}
	})
	t.Run("no address at the provider", func(t *testing.T) {
		i, b := invited(t, s, "lou@example.com"), NewBrowser(t)
		signUpInvited(b, s, i.Link)
		b.goesUpstream(s, "nomail-lou")
		if got := b.Page.Attr(`input[name="traits.email"][readonly]`, "value"); got != "lou@example.com" {
			t.Fatalf("got %s and address %q", b.URL.Redacted(), got)
		}
		b.answer(s, map[string]string{"provider": "work", "traits.email": "lou@example.com"})
		if b.URL.Path != "/verification" || stateOf(t, s, i.ID).State != "used" {
			t.Errorf("got %s %q", b.URL.Redacted(), b.heading())
		}
	})
}
