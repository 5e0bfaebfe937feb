package ory

import (
	"os"
	"testing"
)

func TestDropEnvironment(t *testing.T) {
	const name = "DEV_DISABLE_API_FLOW_ENFORCEMENT"
	t.Setenv(name, "true")
	if err := DropEnvironment(); err != nil {
		t.Fatal(err)
	}
	if _, set := os.LookupEnv(name); set {
		t.Error("the variable is still there")
	}
}
