//go:build !linux

package doctest

import "testing"

// Alone skips: network namespaces are of Linux.
func Alone(t *testing.T) bool {
	t.Helper()
	t.Skip("SKIP: the ports of a page are free for certain in a network namespace alone, which Linux has")
	return false
}
