package demo

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// gone is an address at which nothing answers.
func gone(t *testing.T) string {
	t.Helper()
	op := newFakeOP(t)
	op.Close()
	return op.URL
}

func TestWhatKeepsTheDemoFromStartingIsSaidWithItsCure(t *testing.T) {
	op := newFakeOP(t)
	notHydra := newFakeOP(t)
	notHydra.answer("/admin/clients", http.NotFound)
	taken := newFakeOP(t)
	taken.clients[ownClientID] = map[string]any{"client_id": ownClientID, "client_name": "Somebody's"}
	refusing := newFakeOP(t)
	refusing.answer("/admin/clients", func(w http.ResponseWriter, _ *http.Request) {
		send(w, 400, map[string]string{"error": "invalid_client_metadata", "error_description": "bad scope"})
	})
	nobody := gone(t)
	port := strings.TrimPrefix(op.URL, "http://")
	for name, tt := range map[string]struct {
		cfg       Config
		want      []string
		arguments bool
	}{
		"no stack":               {Config{Issuer: nobody}, []string{"nothing answers at " + nobody, "identityd serve"}, false},
		"another spelling":       {Config{Issuer: op.URL + "/"}, []string{"calls itself " + op.URL + ",", "use --issuer " + op.URL}, true},
		"no provider":            {Config{Issuer: op.URL + "/keys"}, []string{"not as an OpenID Connect provider (404", "--issuer"}, false},
		"no admin API":           {Config{Issuer: op.URL, AdminURL: nobody}, []string{"does not answer at " + nobody, "--hydra-admin", "--client-id"}, false},
		"something else there":   {Config{Issuer: op.URL, AdminURL: notHydra.URL}, []string{"not as Hydra's admin API", "--hydra-admin"}, false},
		"somebody's client":      {Config{Issuer: op.URL, AdminURL: taken.URL}, []string{"identityd-demo", "did not make", "--client-id"}, false},
		"a refused registration": {Config{Issuer: op.URL, AdminURL: refusing.URL}, []string{"status 400 (bad scope)"}, false},
		"a port that is taken":   {Config{Issuer: op.URL, AdminURL: op.URL, Listen: port}, []string{"is taken", "--listen"}, false},
		"an open address":        {Config{Listen: "0.0.0.0:5555"}, []string{"--listen", "this machine", `"0.0.0.0:5555"`}, true},
		"no port":                {Config{Listen: "localhost"}, []string{"--listen wants host:port", `"localhost"`}, true},
		"a port too high":        {Config{Listen: "localhost:70000"}, []string{"0 to 65535"}, true},
		"no URL":                 {Config{Issuer: "localhost:4444"}, []string{"--issuer wants an http or https URL"}, true},
		"a password in a URL":    {Config{AdminURL: "http://me:hunter2@localhost:4445"}, []string{"--hydra-admin wants scheme, host and path only"}, true},
		"a secret alone":         {Config{ClientSecret: "hunter2"}, []string{"--client-id"}, true},
		"a provider elsewhere":   {Config{Issuer: "https://id.example.com"}, []string{"--issuer https://id.example.com", "--client-id"}, true},
		"an admin API elsewhere": {Config{AdminURL: "http://10.0.0.1:4445"}, []string{"--hydra-admin http://10.0.0.1:4445", "--client-id"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.cfg.Listen == "" {
				tt.cfg.Listen = "localhost:0"
			}
			err := Run(t.Context(), tt.cfg)
			if err == nil {
				t.Fatal("got no error, want one")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			if got := errors.Is(err, ErrArguments); got != tt.arguments {
				t.Errorf("ErrArguments: got %v, want %v", got, tt.arguments)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %q, which holds a secret", err)
			}
		})
	}
}

func TestRunServesUntilItIsStopped(t *testing.T) {
	op := newFakeOP(t)
	starting := 2
	op.answer("/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		if starting--; starting >= 0 {
			http.Error(w, "starting", http.StatusServiceUnavailable)
			return
		}
		op.discovery(w, r)
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	told := make(chan string, 8)
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, Config{Issuer: op.URL, AdminURL: op.URL, Listen: ":0", Out: writer(func(s string) { told <- s })})
	}()
	if got := <-told; !strings.Contains(got, "is starting; waiting") {
		t.Errorf("got %q, want to be told of the wait", got)
	}
	banner := <-told
	fields := strings.Fields(banner[strings.Index(banner, "open"):])
	if !strings.HasPrefix(fields[1], "http://localhost:") {
		t.Fatalf("got %q, want an address of localhost", banner)
	}
	newBrowser(t, fields[1]).get("/").want(http.StatusOK)
	stop()
	if err := <-done; err != nil {
		t.Errorf("got %v, want a clean stop", err)
	}
	if got := op.registered(); !cmp.Equal(got, []string{ownClientID}) {
		t.Errorf("got clients %v, want the demo's", got)
	}
}

type writer func(string)

func (w writer) Write(p []byte) (int, error) { w(string(bytes.Clone(p))); return len(p), nil }

func TestASecondRunTakesTheClientOver(t *testing.T) {
	op := newFakeOP(t)
	first, _ := startDemo(t, op)
	second, b := startDemo(t, op)
	if first.client.secret == second.client.secret {
		t.Error("got one secret twice, want a new one with every run")
	}
	b.signIn(op)
	got := []int{op.asking("POST", "/admin/clients"), op.asking("PUT", "/admin/clients/"+ownClientID)}
	if diff := cmp.Diff([]int{1, 1}, got); diff != "" {
		t.Error(diff)
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	client := op.clients[ownClientID]
	delete(client, "client_secret")
	want := map[string]any{
		"client_id": ownClientID, "client_name": ownClientName, "scope": "openid offline_access email",
		"grant_types": []any{"authorization_code", "refresh_token"}, "response_types": []any{"code"},
		"redirect_uris": []any{b.base + "/callback"}, "post_logout_redirect_uris": []any{b.base + "/signed-out"},
		"token_endpoint_auth_method": "client_secret_basic",
	}
	if diff := cmp.Diff(want, client); diff != "" {
		t.Error(diff)
	}
}

func TestLocalhostIsServedForBothAddressFamilies(t *testing.T) {
	listeners, at, err := bind(t.Context(), "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range listeners {
		defer l.Close()
		if got, want := base("localhost", l), at; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	probe, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp6", "[::1]:0")
	want := 1
	if err == nil {
		probe.Close()
		want = 2
	}
	if len(listeners) != want {
		t.Errorf("got %d listeners, want %d", len(listeners), want)
	}
}
