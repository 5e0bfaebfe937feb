package config

import (
	"strings"
	"testing"

	"example.com/identityd/internal/tried"
)

// TestAdminAddressesThatOthersReachNeedProof: whatever is not the loopback by its letters may be reached,
// however a name resolves today, and inside a container all of it is forwarded to.
func TestAdminAddressesThatOthersReachNeedProof(t *testing.T) {
	load := func(t *testing.T, address string, more ...string) (Config, error) {
		t.Helper()
		set := map[string]string{"listen.hydra_admin": address}
		for _, word := range more {
			set[word] = "true"
		}
		return Load(Options{Dir: t.TempDir(), Set: set})
	}
	refused := 0
	open := []string{
		"0.0.0.0:4445", "[::]:4445", "192.0.2.1:4445", "[2001:db8::1]:4445", "[fe80::1]:4445", "10.0.0.1:4445", "admin.internal:4445",
		"localhost.example.com:4445", "127.0.0.1.nip.io:4445", "localhost6:4445", "[::ffff:10.0.0.1]:4445", "[::ffff:0.0.0.0]:4445",
	}
	for _, address := range open {
		t.Run(address+" is refused without proof, and allowed with a warning", func(t *testing.T) {
			if _, err := load(t, address); err == nil || !strings.Contains(err.Error(), "unless admin.token_file or admin.client_ca_file is set") {
				t.Fatalf("got %v, want a refusal with the cure", err)
			}
			refused++
			cfg, err := load(t, address, "admin.allow_unauthenticated")
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range cfg.Warnings {
				if strings.Contains(w.Message, "owns every account") {
					return
				}
			}
			t.Errorf("got warnings %v, want one that says what it means", cfg.Warnings)
		})
	}
	for _, address := range []string{"127.0.0.1:4445", "127.8.8.8:4445", "[::1]:4445", "localhost:4445", "unix:/run/admin.sock", "off", "[::ffff:127.0.0.1]:4445"} {
		t.Run(address+" is only this machine's", func(t *testing.T) {
			if _, err := load(t, address); err != nil {
				t.Error(err)
			}
		})
	}
	tried.Report(t, "admin listeners at addresses that others may reach, without proof", "%d of %d refused at start", refused, len(open))
}
