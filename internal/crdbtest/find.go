package crdbtest

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The variables that say where a CockroachDB is. Nothing is ever downloaded.
const (
	// BinaryVariable is the path of the program cockroach.
	BinaryVariable = "COCKROACH_BINARY"
	// URLVariable is a cockroach:// URL of a user who may create databases, on a cluster of somebody's.
	URLVariable = "IDENTITYD_TEST_CRDB_DSN"
	// LicenseVariable and OrganizationVariable are set on the nodes that a test starts. Versions before
	// v24.3 want them for regions.
	LicenseVariable      = "IDENTITYD_TEST_CRDB_LICENSE"
	OrganizationVariable = "IDENTITYD_TEST_CRDB_ORGANIZATION"
	requireVariable      = "IDENTITYD_TEST_REQUIRE"
)

// Binary returns the program, and skips the test without one.
func Binary(t testing.TB) string {
	t.Helper()
	path := os.Getenv(BinaryVariable)
	if path == "" {
		missing(t, "this test starts and kills nodes of its own, and "+BinaryVariable+" is not set")
	}
	full, err := exec.LookPath(path)
	if err != nil {
		t.Fatalf("%s is no program: %v", BinaryVariable, err)
	}
	return full
}

// missing skips, unless IDENTITYD_TEST_REQUIRE asks for CockroachDB.
func missing(t testing.TB, reason string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv(requireVariable), ","), "cockroach") {
		t.Fatalf("%s (%s asks for it)", reason, requireVariable)
	}
	t.Skip("SKIP: " + reason)
}
