package count

import (
	"net"
	"os"
	"testing"
)

func TestThisProcessHasTimesAndMemory(t *testing.T) {
	if _, err := CPU(os.Getpid()); err != nil {
		t.Error(err)
	}
	own, err := CPUWithChildren(os.Getpid())
	if err != nil {
		t.Error(err)
	}
	if all, err := Self(); err != nil || all == 0 || own < 0 {
		t.Errorf("got %s of this process (%v), want more than nothing", all, err)
	}
	if err := ResetPeak(os.Getpid()); err != nil {
		t.Error(err)
	}
	m, err := MemoryOf(os.Getpid())
	if err != nil || m.Resident == 0 || m.Anonymous == 0 || m.Peak < m.Anonymous {
		t.Errorf("got %+v (%v), want some of each", m, err)
	}
}

func TestOnlyConnectionsOfOthersAreBetween(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dial := func() uint16 {
		t.Helper()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c.LocalAddr().(*net.TCPAddr).AddrPort().Port()
	}
	ours, theirs := dial(), dial()
	got, err := Between([]string{l.Addr().String()}, map[uint16]bool{ours: true})
	if err != nil {
		t.Fatal(err)
	}
	to := l.Addr().(*net.TCPAddr).AddrPort().Port()
	if len(got) != 1 || !got[Pair{theirs, to}] {
		t.Errorf("got %v, want only the one from %d to %d", got, theirs, to)
	}
	if left := Without(got, got); len(left) != 0 {
		t.Errorf("got %v without itself, want nothing", left)
	}
}
