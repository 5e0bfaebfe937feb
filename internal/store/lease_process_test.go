//go:build unix

package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/identityd/internal/store"
)

// The variables that make a test binary hold a lease.
const (
	holderURL     = "IDENTITYD_TEST_LEASE_URL"
	holderDialect = "IDENTITYD_TEST_LEASE_DIALECT"
)

// TestHolderProcess is not a test of its own but the other process of TestAHolderThatStops.
func TestHolderProcess(t *testing.T) {
	value := os.Getenv(holderURL)
	if value == "" {
		return
	}
	_, d, err := store.Resolve(store.Settings{URL: value, Kratos: store.Database{URL: value}, Pool: pool()})
	if strings.HasPrefix(value, "sqlite://") {
		_, d, err = store.Resolve(store.Settings{URL: value, Pool: pool()})
	}
	if err != nil {
		t.Fatal(err)
	}
	lease := acquire(t, leases(t, emptyDatabase{store.Dialect(os.Getenv(holderDialect)), d}, "the other process"))
	fmt.Println("acquired", lease.Fence())
	<-lease.Context().Done()
	fmt.Println("ended:", context.Cause(lease.Context()))
	fmt.Println("released:", lease.Release(bounded(t)))
}

// holderProcess starts it and returns its lines.
func holderProcess(t *testing.T, e emptyDatabase, value string) (*os.Process, <-chan string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHolderProcess$") //nolint:gosec // this very binary
	cmd.Env = append(os.Environ(), holderURL+"="+value, holderDialect+"="+string(e.dialect))
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, read := make(chan string, 100), make(chan struct{})
	go func() {
		defer close(read)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
		io.Copy(io.Discard, out) //nolint:errcheck // it ends with the process
	}()
	t.Cleanup(func() {
		cmd.Process.Kill() //nolint:errcheck // it may be gone
		<-read
		cmd.Wait() //nolint:errcheck // it was killed
	})
	return cmd.Process, lines
}

func wantLine(t *testing.T, lines <-chan string, prefix string) {
	t.Helper()
	select {
	case got := <-lines:
		if !strings.HasPrefix(got, prefix) {
			t.Fatalf("the other process says %q, want %q", got, prefix)
		}
	case <-time.After(bound):
		t.Fatalf("the other process does not say %q", prefix)
	}
}

func TestAHolderThatStops(t *testing.T) {
	for _, kind := range kinds[:3] {
		start := func(t *testing.T) (emptyDatabase, *os.Process, <-chan string) {
			t.Helper()
			t.Parallel()
			e := kind.make(t)
			migrated(t, e)
			value := e.dsn.Reveal()
			if e.dialect == store.SQLite {
				value = "sqlite://" + strings.TrimSuffix(e.dsn.File(), "/kratos.sqlite")
			}
			p, lines := holderProcess(t, e, value)
			wantLine(t, lines, "acquired 1")
			return e, p, lines
		}
		signal := func(t *testing.T, p *os.Process, s os.Signal) {
			t.Helper()
			if err := p.Signal(s); err != nil {
				t.Fatal(err)
			}
		}
		t.Run(kind.name+": a holder that was killed is followed by another one", func(t *testing.T) {
			e, p, _ := start(t)
			signal(t, p, syscall.SIGKILL)
			if got := acquire(t, leases(t, e, "second")).Fence(); got != 2 {
				t.Errorf("got fence %d, want 2", got)
			}
		})
		t.Run(kind.name+": a holder that was frozen finds its lease lost and does no harm", func(t *testing.T) {
			e, p, lines := start(t)
			signal(t, p, syscall.SIGSTOP)
			l := leases(t, e, "second")
			lease := acquire(t, l)
			if got := lease.Fence(); got != 2 {
				t.Errorf("got fence %d, want 2", got)
			}
			signal(t, p, syscall.SIGCONT)
			wantLine(t, lines, "ended: "+store.ErrLeaseLost.Error())
			wantLine(t, lines, "released: <nil>")
			renewedTwice(t, l, func() {
				if lease.Context().Err() != nil {
					t.Fatalf("its successor lost the lease: %v", context.Cause(lease.Context()))
				}
			})
		})
	}
}
