package stacktest

import (
	"net/http"
	"os"
	"testing"
	"time"
)

// TestTheDatabaseIsSlow is fault 5: each answer of the database takes longer. Who is let in is served
// before the deadline, and the others are told after a second to come again.
func TestTheDatabaseIsSlow(t *testing.T) {
	f := newFaulty(t)
	delay, wanted, deadline := 100*time.Millisecond, 40, 8*time.Second
	if os.Getenv(LongVariable) == "1" {
		delay, wanted, deadline = 500*time.Millisecond, 60, 25*time.Second
	}
	whoami := f.questions()[1]
	l := StartLoad(t, 4, whoami)
	awaitServed(t, l, time.Now(), 20*time.Second)
	statements := statementsOf(t, f.Stack, "kratos")
	l.Stop()

	defer f.proxy.Slow(delay)()
	whoami.Patient = true
	l = StartLoad(t, 60, whoami) // more than may be inside: 2 for each of 4 connections
	began := time.Now()
	for Statuses(l.Since(began))[http.StatusOK] < wanted {
		if time.Since(began) > 4*time.Minute {
			t.Fatalf("got %v in %s", Statuses(l.Since(began)), time.Since(began))
		}
		<-time.After(100 * time.Millisecond)
	}
	answers := l.Stop()
	wantHonest(t, answers)
	var served, shed []Answer
	for _, a := range answers {
		if a.Status == http.StatusOK {
			served = append(served, a)
		} else {
			shed = append(shed, a)
		}
	}
	t.Logf("%d statements of %s a request; %d served, p50 %s, p99 %s; %d shed, p99 %s", statements, delay,
		len(served), Slowest(served, 0.5), Slowest(served, 0.99), len(shed), Slowest(shed, 0.99))
	if len(shed) == 0 {
		t.Error("nobody was shed, though more came than may be inside")
	}
	// One that was let in and missed its deadline would be among them.
	if got, most := Slowest(shed, 1), 3*time.Second; got > most {
		t.Errorf("a 503 took %s, want at most %s", got, most)
	}
	// The courier takes a connection too, and each prepares every statement once.
	if got := Slowest(served, 1); got > deadline {
		t.Errorf("one that was served waited %s, want at most %s", got, deadline)
	}
}

// statementsOf returns how many statements the last request of a part took.
func statementsOf(t *testing.T, s *Stack, part string) int {
	t.Helper()
	lines := s.Log.AccessLines(part)
	if len(lines) == 0 {
		t.Fatalf("no request of %s was logged", part)
	}
	n, ok := lines[len(lines)-1]["sql_statements"].(float64)
	if !ok || n == 0 {
		t.Fatalf("got %v, want statements", lines[len(lines)-1])
	}
	return int(n)
}
