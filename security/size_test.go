package security

import (
	"os"
	"runtime"
	"testing"
)

// largest is how many bytes the released program may have on linux/amd64. Whoever has to raise it says in the
// commit what for; cmd/identityd/size_test.go notices before a release does.
const largest = 77_000_000

func TestTheReleasedProgramStaysSmall(t *testing.T) {
	binary := os.Getenv("IDENTITYD_TEST_BINARY")
	if binary == "" || runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("SKIP: IDENTITYD_TEST_BINARY names no binary of linux/amd64; make supply builds one and weighs it")
	}
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Size(); got > largest {
		t.Errorf("got %d bytes, want at most %d", got, largest)
	}
}
