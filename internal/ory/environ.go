package ory

import (
	"fmt"
	"os"
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
