package main

import (
	"debug/elf"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
)

// most is how large the program may be, in bytes that are loaded: what stripping leaves of it. It is
// measured on this test, which links the whole program and its own helpers, because it is linked
// anyway; the program itself is bounded in security/size_test.go. Whoever has to raise it says in the
// commit what for.
const most = 79_000_000

func TestTheProgramStaysSmall(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("SKIP: the bound is that of linux/amd64")
	}
	if info, ok := debug.ReadBuildInfo(); !ok || slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("SKIP: the race detector makes it larger")
	}
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close() //nolint:errcheck // only read
	var size uint64
	for _, s := range program.Sections {
		if s.Flags&elf.SHF_ALLOC != 0 && s.Type != elf.SHT_NOBITS {
			size += s.Size
		}
	}
	if size < most/2 {
		t.Fatalf("got %d bytes, which cannot be the whole program", size)
	}
	if size > most {
		t.Errorf("got %d bytes, want at most %d: find out what links so much (go tool nm -size -sort size), or raise the bound and say why", size, most)
	}
	t.Logf("%d of %d bytes", size, most)
}
