//go:build !linux

package cli

import "testing"

func smallDisk(t *testing.T) string {
	t.Helper()
	t.Skip("SKIP: a small disk can be mounted on Linux only")
	return ""
}
