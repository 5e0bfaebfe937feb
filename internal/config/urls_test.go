package config_test

import (
	"strings"
	"testing"

	"example.com/identityd/internal/config"
)

func TestEffectiveCookieDomain(t *testing.T) {
	for _, tt := range []struct {
		name      string
		urls      config.URLs
		want, bad string
	}{
		{"one host on three ports needs none", urls("http://localhost:1", "http://localhost:2", "http://localhost:3"), "", ""},
		{"one host in two spellings needs none", urls("https://ID.example.com", "https://id.example.com.", "https://id.example.com"), "", ""},
		{"siblings share their parent", urls("https://id.example.com", "https://auth.example.com", "https://a.b.example.com"), "example.com", ""},
		{
			"the narrowest parent is taken",
			urls("https://ui.id.example.com", "https://id.example.com", "https://k.id.example.com"), "id.example.com", "",
		},
		{"a country's public suffix is no parent", urls("https://a.co.uk", "https://b.co.uk", "https://b.co.uk"), "", "no registrable parent"},
		{"a shared hosting suffix is no parent", urls("https://a.github.io", "https://b.github.io", "https://b.github.io"), "", "no registrable parent"},
		{"a name that ends alike is no child", urls("https://example.com", "https://notexample.com", "https://example.com"), "", "no registrable parent"},
		{"two loopback spellings have no parent", urls("http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"), "", "no registrable parent"},
		{"two IP addresses have no parent", urls("http://10.0.0.1", "http://10.0.1.1", "http://10.0.1.1"), "", "no registrable parent"},
		{
			"a written domain is used",
			config.URLs{UI: "https://a.id.example.com", Hydra: "https://b.id.example.com", CookieDomain: ".Example.com"},
			"example.com", "",
		},
		{
			"a written domain must cover every host",
			config.URLs{UI: "https://a.example.com", Hydra: "https://b.example.org", CookieDomain: "example.com"},
			"", "b.example.org is not under",
		},
		{"a written public suffix is refused", config.URLs{UI: "https://a.github.io", CookieDomain: "github.io"}, "", "public suffix"},
		{"a written IP address is refused", config.URLs{UI: "https://10.0.0.1", CookieDomain: "10.0.0.1"}, "", "public suffix"},
		{"no address at all needs none", config.URLs{}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.urls.EffectiveCookieDomain()
			if tt.bad != "" {
				if err == nil || !strings.Contains(err.Error(), tt.bad) {
					t.Fatalf("got %q and error %v, want an error with %q", got, err, tt.bad)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("got %q and error %v, want %q", got, err, tt.want)
			}
		})
	}
}

func urls(ui, hydra, kratos string) config.URLs {
	return config.URLs{UI: ui, Hydra: hydra, Kratos: kratos}
}
