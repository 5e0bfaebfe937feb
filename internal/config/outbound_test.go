package config_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/identityd/internal/config"
)

func TestOutboundRules(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "proxy")
	if err := os.WriteFile(file, []byte("http://me:hunter2@proxy.example.com:3128\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Options{Dir: dir, Set: map[string]string{
		"outbound.allow":      "IdP.example.com,idp.example.com:8443,10.1.2.3,10.1.2.3:80,10.0.0.0/8,::1,[::1]:9,fd00::/8,::ffff:10.0.0.1",
		"outbound.proxy_file": file,
	}})
	if err != nil {
		t.Fatal(err)
	}
	network := netip.MustParsePrefix
	want := []config.OutboundRule{
		{Host: "idp.example.com"},
		{Host: "idp.example.com", Port: 8443},
		{Prefix: network("10.1.2.3/32")},
		{Prefix: network("10.1.2.3/32"), Port: 80},
		{Prefix: network("10.0.0.0/8")},
		{Prefix: network("::1/128")},
		{Prefix: network("::1/128"), Port: 9},
		{Prefix: network("fd00::/8")},
		{Prefix: network("10.0.0.1/32")},
	}
	if diff := cmp.Diff(want, cfg.Outbound.Rules(), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("rules differ (-want +got):\n%s", diff)
	}
	if u := cfg.Outbound.ProxyURL(); u == nil || u.Host != "proxy.example.com:3128" {
		t.Errorf("got the proxy %v, want that of the file", u)
	}
}

func TestNothingLeavesAndTheBreachCheckIsOffline(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stack.yaml")
	text := productionFile + "identity: {verification: optional}\ndatabase: {url: 'postgres://u@db/?sslmode=verify-full'}\noutbound: {none: true}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Options{File: file})
	if err != nil || cfg.Login.First.Password.BreachCheck != config.BreachOffline {
		t.Errorf("got breach_check %v, error %v; want it offline", cfg.Login.First.Password.BreachCheck, err)
	}
}
