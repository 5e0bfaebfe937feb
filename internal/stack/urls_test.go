package stack

import (
	"net"
	"strings"
	"testing"

	"example.com/identityd/internal/config"
)

func bound(t *testing.T, names ...string) []*listener {
	t.Helper()
	var out []*listener
	for _, name := range names {
		ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ln.Close() })
		address, err := config.ParseAddress("localhost:0")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, &listener{name: name, address: address, bound: []net.Listener{ln}})
	}
	return out
}

// three is a configuration without a gateway.
func three(u config.URLs, secure config.TLS) config.Config {
	off, err := config.ParseAddress("off")
	if err != nil {
		panic(err)
	}
	return config.Config{URLs: u, TLS: secure, Listen: config.Listen{Gateway: off}}
}

func TestURLs(t *testing.T) {
	all := []string{"ui", "hydra_public", "kratos_public", "ops"}
	t.Run("they are derived from the bound ports, on one host name", func(t *testing.T) {
		u, err := urls(three(config.URLs{}, config.TLS{}), bound(t, all...))
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []string{u.UI, u.Hydra, u.Kratos} {
			if !strings.HasPrefix(got, "http://localhost:") {
				t.Errorf("got %s", got)
			}
		}
		if u.HydraAdmin != "" || !strings.HasPrefix(u.Ops, "http://127.0.0.1:") {
			t.Errorf("got admin %q, ops %q", u.HydraAdmin, u.Ops)
		}
	})
	t.Run("a listener that ends TLS itself has an https address", func(t *testing.T) {
		secure := config.TLS{CertFile: "c", KeyFile: "k", Ops: config.KeyPair{CertFile: "o", KeyFile: "o"}}
		u, err := urls(three(config.URLs{}, secure), bound(t, all...))
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []string{u.UI, u.Hydra, u.Kratos, u.Ops} {
			if !strings.HasPrefix(got, "https://") {
				t.Errorf("got %s", got)
			}
		}
	})
	t.Run("the issuer is used as it is written", func(t *testing.T) {
		u, err := urls(three(config.URLs{Hydra: "https://id.example.com/", UI: "https://id.example.com", Kratos: "https://id.example.com"},
			config.TLS{}), nil)
		if err != nil || u.Hydra != "https://id.example.com/" {
			t.Errorf("got %q, %v", u.Hydra, err)
		}
	})
	t.Run("origin is all three, and the issuer to the letter", func(t *testing.T) {
		u, err := urls(config.Config{Origin: "https://id.example.com/"}, nil)
		want := URLs{UI: "https://id.example.com", Hydra: "https://id.example.com/", Kratos: "https://id.example.com", HostCookies: true}
		if err != nil || u != want {
			t.Errorf("got %+v, %v", u, err)
		}
	})
	t.Run("the session alone reaches other hosts than the origin's", func(t *testing.T) {
		u, err := urls(config.Config{Origin: "https://id.example.com", URLs: config.URLs{CookieDomain: "example.com"}}, nil)
		if err != nil || u.SessionDomain != "example.com" || u.CookieDomain != "" || !u.HostCookies {
			t.Errorf("got %+v, %v", u, err)
		}
	})
	t.Run("the gateway's port is the origin where none is written", func(t *testing.T) {
		u, err := urls(config.Config{}, bound(t, "gateway", "hydra_public", "kratos_public"))
		if err != nil || u.UI != u.Hydra || u.UI != u.Kratos || !strings.HasPrefix(u.UI, "http://localhost:") || u.HostCookies {
			t.Errorf("got %+v, %v", u, err)
		}
	})
	t.Run("an address that cannot be derived is asked for", func(t *testing.T) {
		_, err := urls(three(config.URLs{}, config.TLS{}), nil)
		if err == nil || !strings.Contains(err.Error(), "urls.ui must be set") {
			t.Errorf("got %v", err)
		}
	})
}
