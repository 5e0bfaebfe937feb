package leaving

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

type uiNode struct {
	Attributes struct {
		ID   string `json:"id"`
		Text struct {
			Text string `json:"text"`
		} `json:"text"`
	} `json:"attributes"`
}

type apiFlow struct {
	UI struct {
		Action string   `json:"action"`
		Nodes  []uiNode `json:"nodes"`
	} `json:"ui"`
}

// flow begins a flow of Kratos' for programs.
func (s *set) flow(ctx context.Context, t *testing.T, at, kind, session, query string) apiFlow {
	t.Helper()
	var f apiFlow
	if status := s.try(ctx, t, http.MethodGet, at+"/self-service/"+kind+"/api?"+query, nil, session, &f); status != http.StatusOK {
		t.Fatalf("beginning %s: status %d", kind, status)
	}
	// Its address is the one that browsers see.
	if u, err := url.Parse(f.UI.Action); err == nil {
		f.UI.Action = at + u.RequestURI()
	}
	return f
}

func (s *set) submit(ctx context.Context, t *testing.T, at, kind, session, query string, with map[string]any, into any) {
	t.Helper()
	s.send(ctx, t, s.flow(ctx, t, at, kind, session, query), session, with, into)
}

func (s *set) send(ctx context.Context, t *testing.T, f apiFlow, session string, with map[string]any, into any) {
	t.Helper()
	if status := s.try(ctx, t, http.MethodPost, f.UI.Action, with, session, into); status != http.StatusOK {
		t.Fatalf("submitting %s: status %d", with["method"], status)
	}
}

func (s *set) whoami(ctx context.Context, t *testing.T, session, person, aal string) {
	t.Helper()
	var who struct {
		AAL      string `json:"authenticator_assurance_level"`
		Identity struct {
			ID string `json:"id"`
		} `json:"identity"`
	}
	status := s.try(ctx, t, http.MethodGet, s.kratos+"/sessions/whoami", nil, session, &who)
	if status != http.StatusOK || who.Identity.ID != person || who.AAL != aal {
		t.Errorf("got status %d, %q at %q, want %q at %q", status, who.Identity.ID, who.AAL, person, aal)
	}
}

// tokens goes through an authorization; the pages' part is done by the admin API, as any consent page does it.
func (s *set) tokens(ctx context.Context, t *testing.T, m *memory) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	next := s.front + "/oauth2/auth?" + url.Values{
		"client_id": {m.client}, "response_type": {"code"}, "scope": {"openid offline_access email"}, "redirect_uri": {"https://app.example.com/callback"},
		"state": {random(t)}, "nonce": {random(t)},
	}.Encode()
	for range 12 {
		u, err := url.Parse(next)
		if err != nil {
			t.Fatal(err)
		}
		var to struct {
			RedirectTo string `json:"redirect_to"`
		}
		q := u.Query()
		switch {
		case u.Host == "app.example.com":
			if q.Get("code") == "" {
				t.Fatalf("the application got %q", q.Get("error"))
			}
			s.redeem(ctx, t, s.front, m, url.Values{"grant_type": {"authorization_code"}, "code": {q.Get("code")}, "redirect_uri": {"https://app.example.com/callback"}})
			return
		case q.Get("login_challenge") != "":
			s.call(ctx, t, http.MethodPut, s.hydraAdmin+"/admin/oauth2/auth/requests/login/accept?login_challenge="+url.QueryEscape(q.Get("login_challenge")),
				map[string]any{"subject": m.person}, &to)
			next = to.RedirectTo
			continue
		case q.Get("consent_challenge") != "":
			s.call(ctx, t, http.MethodPut, s.hydraAdmin+"/admin/oauth2/auth/requests/consent/accept?consent_challenge="+url.QueryEscape(q.Get("consent_challenge")),
				map[string]any{"grant_scope": []string{"openid", "offline_access", "email"}}, &to)
			next = to.RedirectTo
			continue
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, next, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if next = res.Header.Get("Location"); next == "" {
			t.Fatalf("%s answers %s and leads nowhere", u.Path, res.Status)
		}
		if at, err := u.Parse(next); err == nil {
			next = at.String()
		}
	}
	t.Fatal("the authorization does not end")
}

func (s *set) redeem(ctx context.Context, t *testing.T, at string, m *memory, form url.Values) {
	t.Helper()
	var got struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		ID      string `json:"id_token"`
	}
	if status := s.form(ctx, t, at+"/oauth2/token", form, m, &got); status != http.StatusOK {
		t.Fatalf("asking for tokens by %s: status %d", form.Get("grant_type"), status)
	}
	m.access, m.refresh, m.id = got.Access, got.Refresh, got.ID
}

func (s *set) form(ctx context.Context, t *testing.T, address string, form url.Values, as *memory, into any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if as != nil {
		req.SetBasicAuth(url.QueryEscape(as.client), url.QueryEscape(as.clientSecret))
	}
	return s.do(t, req, into)
}

func (s *set) call(ctx context.Context, t *testing.T, method, address string, body, into any) {
	t.Helper()
	if status := s.try(ctx, t, method, address, body, "", into); status >= 300 {
		t.Fatalf("%s %s: status %d", method, address, status)
	}
}

func (s *set) try(ctx context.Context, t *testing.T, method, address string, body any, bearer string, into any) int {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	var content io.Reader = bytes.NewReader(raw)
	if body == nil {
		content = http.NoBody
	}
	req, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	return s.do(t, req, into)
}

func (s *set) do(t *testing.T, req *http.Request, into any) int {
	t.Helper()
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 300 {
		t.Logf("%s answers %s: %.600s", req.URL.Path, res.Status, raw)
		return res.StatusCode
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatalf("%s: %v", req.URL.Path, err)
		}
	}
	return res.StatusCode
}

// freePorts are free for now, on all addresses.
func freePorts(ctx context.Context, t *testing.T, names ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	var held []net.Listener
	for _, name := range names {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, l)
		_, out[name], _ = net.SplitHostPort(l.Addr().String())
	}
	for _, l := range held {
		l.Close()
	}
	return out
}

// totp is the code of now (RFC 6238).
func totp(t *testing.T, secret string) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(secret, "="))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	binary.Write(mac, binary.BigEndian, uint64(time.Now().Unix()/30)) //nolint:errcheck,gosec // into a hash
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1_000_000)
}

func random(t *testing.T) string {
	t.Helper()
	return strings.ToLower(rand.Text()[:16])
}

func unbase64(t *testing.T, s string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
