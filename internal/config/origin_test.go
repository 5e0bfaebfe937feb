package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

// secretsToTry make a production file whole, but for its addresses.
const secretsToTry = `
secrets:
  system: [q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]
  cookie: [r0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]
  cipher: [s0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]
identity: {verification: optional}
`

func TestTheGatewayIsWhereOneOriginIsMeant(t *testing.T) {
	for _, tt := range []struct {
		name, file, gateway string
		ui, one             bool
	}{
		{"development has one origin", "profile: development", "localhost:3000", true, true},
		{"it follows the pages", "profile: development\nlisten: {ui: ':3100'}", "localhost:3100", true, true},
		{"it may be switched off", "profile: development\nlisten: {gateway: 'off'}", "off", false, false},
		{"three addresses have none", "profile: development\nurls: {hydra: 'http://localhost:4444'}", "off", false, false},
		{"without pages there is none", "profile: development\nlisten: {ui: 'off'}\nurls: {ui: 'http://localhost'}", "off", false, false},
		{"it may be elsewhere", "profile: development\nlisten: {gateway: ':8080'}", "localhost:8080", false, true},
		{"production has one by origin", "profile: production\norigin: https://id.example.com" + secretsToTry, ":3000", true, true},
		{"a slash at the end is kept", "profile: production\norigin: https://id.example.com/" + secretsToTry, ":3000", true, true},
		{
			"a proxy may send the paths itself", "profile: production\norigin: https://id.example.com\nlisten: {gateway: 'off'}" + secretsToTry,
			"off", false, true,
		},
		{
			"production has none by three names",
			"profile: production\nurls: {ui: 'https://id.example.com', hydra: 'https://a.id.example.com', kratos: 'https://b.id.example.com'}" + secretsToTry,
			"off", false, false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := load(t, config.Options{Dir: write(t, map[string]string{"stack.yaml": tt.file})})
			got := []any{cfg.Listen.Gateway.String(), cfg.Listen.GatewayServesUI(), cfg.OneOrigin()}
			if diff := cmp.Diff([]any{tt.gateway, tt.ui, tt.one}, got); diff != "" {
				t.Errorf("gateway, pages on it, one origin (-want +got):\n%s", diff)
			}
		})
	}
}
