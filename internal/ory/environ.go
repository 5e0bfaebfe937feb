package ory

import (
	"fmt"
	"os"
	"slices"
)

// DropEnvironment takes away the one variable that an engine reads by itself and that would weaken it:
// with it set, Kratos in development lets API flows run without their checks
// (kratos: driver/config/config.go, DisableAPIFlowEnforcement; docs/ory-quirks.md#q4).
func DropEnvironment() error {
	if err := os.Unsetenv("DEV_DISABLE_API_FLOW_ENFORCEMENT"); err != nil {
		return fmt.Errorf("clearing the environment of the engines: %w", err)
	}
	return nil
}

// DropProxies takes away the variables by which Go's HTTP clients, those of the engines among them, would send
// every call through a proxy that no configuration names (docs/ory-quirks.md#q90). It returns those that
// were set.
func DropProxies() ([]string, error) {
	var found []string
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"} {
		if os.Getenv(name) != "" {
			found = append(found, name)
		}
		if err := os.Unsetenv(name); err != nil {
			return nil, fmt.Errorf("clearing the environment of the engines: %w", err)
		}
	}
	slices.Sort(found)
	return found, nil
}
