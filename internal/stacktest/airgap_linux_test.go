package stacktest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/identityd/internal/netnstest"
	"example.com/identityd/internal/tried"
)

// airgapVariable names the file for what was seen behind the air gap. Whoever has it is there.
const airgapVariable = "IDENTITYD_TEST_AIRGAP"

// behind is what runs there besides this file's own journey: everything that signs people in, in and out of
// applications and by mail, on both kinds of database.
const behind = "|TestNothingLeaves|TestWaysToSignIn|TestSignOutsOfBothEngines|TestLogoutsOnSQLite|TestAccount|TestJourneyOnPostgres|" +
	"TestClientsAndClaimsOfTheFile|TestProductionMail|TestReuseEndsTheFamily"

// airgap is what was seen there. Attempts are those that the kernel found no way for, of every process.
type airgap struct {
	Dials, Refused, Steps, Warnings int
	// Noticed is what one deliberate attempt counted as.
	Noticed, Attempts int
}

// TestTheAirGap runs a whole identityd in a network namespace that has nothing but loopback, and asks the
// kernel afterwards whether anything wanted to leave.
func TestTheAirGap(t *testing.T) {
	notOnStandIn(t, onSQLite)
	if file := os.Getenv(airgapVariable); file != "" {
		behindTheGap(t, file)
		return
	}
	file := filepath.Join(t.TempDir(), "seen.json")
	pattern := "^(TestTheAirGap"
	if os.Getenv(LongVariable) != "" {
		pattern += behind
	}
	// The tests of other files run first.
	out, err := netnstest.Run(t, pattern+")$", "15m", airgapVariable+"="+file)
	if err != nil {
		t.Fatalf("behind the air gap: %v\n%s\n%s", err, verdicts(out), tail(out, 30))
	}
	passed := strings.Count(out, "--- PASS: Test")
	var seen airgap
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &seen); err != nil {
		t.Fatal(err)
	}
	if seen.Noticed < 1 || seen.Attempts != 0 || seen.Dials != 0 || seen.Refused != 0 || seen.Steps == 0 {
		t.Errorf("got %+v, want a deliberate attempt noticed and no other", seen)
	}
	tried.Report(t, "a whole journey of sign-up, consent, tokens and sign-out in a network namespace without a route, with outbound.none",
		"%d steps and %d tests passed; packets without a way out, of any process: %d (one sent on purpose was counted); outgoing calls: %d made, %d refused",
		seen.Steps, passed, seen.Attempts, seen.Dials, seen.Refused)
}

// behindTheGap is the test itself, in the namespace.
func behindTheGap(t *testing.T, file string) {
	list, err := net.Interfaces()
	if err != nil || len(list) != 1 {
		t.Fatalf("got interfaces %v, error %v; want loopback alone", list, err)
	}
	start := noRoutes(t)
	conn, err := net.DialTimeout("tcp", "192.0.2.1:443", 10*time.Second)
	if err == nil {
		conn.Close()
	}
	if !errors.Is(err, syscall.ENETUNREACH) {
		t.Fatalf("got %v, want no way to the outside", err)
	}
	seen := airgap{Noticed: noRoutes(t) - start}
	before := noRoutes(t)

	s := Start(t, Set("outbound.none", "true"))
	for _, step := range s.Journey(t, client, 1).Steps {
		if step.OK {
			seen.Steps++
		}
	}
	seen.Attempts = noRoutes(t) - before
	seen.Dials, _ = strconv.Atoi(metric(t, s, "identityd_outbound_connections_total"))
	seen.Refused = s.refusals(t)
	for line := range strings.Lines(s.Log.String()) {
		if strings.Contains(line, `"level":"WARN"`) || strings.Contains(line, `"level":"ERROR"`) {
			seen.Warnings++
			t.Logf("the log has %s", line)
		}
	}
	raw, err := json.Marshal(seen)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// noRoutes is how often this namespace's kernel found no way for a packet, of either family.
func noRoutes(t *testing.T) int {
	t.Helper()
	sum := 0
	for file, read := range map[string]func(*bufio.Scanner) string{
		"/proc/self/net/snmp":  func(s *bufio.Scanner) string { return column(s, "Ip:", "OutNoRoutes") },
		"/proc/self/net/snmp6": func(s *bufio.Scanner) string { return row(s, "Ip6OutNoRoutes") },
	} {
		f, err := os.Open(file)
		if errors.Is(err, os.ErrNotExist) && strings.HasSuffix(file, "6") {
			continue // a kernel without IPv6
		}
		if err != nil {
			t.Fatal(err)
		}
		text := read(bufio.NewScanner(f))
		f.Close()
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("%s: got %q for the packets without a way out: %v", file, text, err)
		}
		sum += n
	}
	return sum
}

// column reads a value below its name, in two lines that begin alike.
func column(s *bufio.Scanner, begin, name string) string {
	var names []string
	for s.Scan() {
		fields := strings.Fields(s.Text())
		if len(fields) == 0 || fields[0] != begin {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		for i, n := range names {
			if n == name && i < len(fields) {
				return fields[i]
			}
		}
	}
	return ""
}

func row(s *bufio.Scanner, name string) string {
	for s.Scan() {
		if fields := strings.Fields(s.Text()); len(fields) == 2 && fields[0] == name {
			return fields[1]
		}
	}
	return ""
}

// verdicts are the lines that say which tests failed, and where.
func verdicts(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, "--- FAIL") || strings.Contains(line, "_test.go:") && !strings.Contains(line, tried.Mark) {
			out = append(out, strings.TrimRight(line, "\n"))
		}
	}
	return strings.Join(out, "\n")
}

func tail(text string, lines int) string {
	all := strings.Split(text, "\n")
	return fmt.Sprintln(strings.Join(all[max(0, len(all)-lines):], "\n"))
}
