package supervisor

import (
	"context"
	"log/slog"
	"sync"
)

// phase is where the process stands between its start and its end.
type phase int

const (
	phaseStarting phase = iota
	phaseReady
	phaseDraining
)

// Readiness says whether the process wants traffic, and why not. It is safe for concurrent use.
type Readiness struct {
	mu     sync.Mutex
	phase  phase
	reason string
	checks []*check
	log    *slog.Logger
}

// NewReadiness returns a Readiness that is starting for the given reason.
func NewReadiness(reason string) *Readiness {
	return &Readiness{reason: reason, log: slog.New(slog.DiscardHandler)}
}

// LogTo makes changes of a check's result go to log. Servers calls it with its own logger.
func (r *Readiness) LogTo(log *slog.Logger) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = log
}

// Starting says what the process is waiting for, in words fit for anyone to see.
func (r *Readiness) Starting(reason string) { r.move(phaseStarting, reason) }

// Ready opens the process to traffic, subject to the checks.
func (r *Readiness) Ready() { r.move(phaseReady, "") }

// Draining ends readiness for good: neither Ready nor Starting undoes it, because a slow start may
// come to its end while the process is already stopping.
func (r *Readiness) Draining() { r.move(phaseDraining, "draining") }

func (r *Readiness) move(to phase, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.phase != phaseDraining {
		r.phase, r.reason = to, reason
	}
}

// AddCheck adds a condition of readiness. The text of a check's error is shown to whoever asks for
// readiness: it must hold no address, statement or secret. Each run gets two seconds, also when it
// ignores its context; a result is good for one second; all who ask meanwhile share one run.
func (r *Readiness) AddCheck(name string, f func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks = append(r.checks, &check{name: name, run: f})
}

// Status returns what keeps the process from being ready, by name; an empty map means ready.
func (r *Readiness) Status(ctx context.Context) map[string]string {
	r.mu.Lock()
	at, reason, checks, log := r.phase, r.reason, r.checks, r.log
	r.mu.Unlock()
	switch at {
	case phaseStarting:
		return map[string]string{"startup": reason}
	case phaseDraining:
		return map[string]string{"shutdown": reason}
	}

	var (
		mu       sync.Mutex
		problems = map[string]string{}
		asking   sync.WaitGroup
	)
	// Together, so that the bound of one check is the bound of the answer.
	for _, c := range checks {
		asking.Go(func() {
			if err := c.result(ctx, log); err != nil {
				mu.Lock()
				defer mu.Unlock()
				problems[c.name] = err.Error()
			}
		})
	}
	asking.Wait()
	return problems
}

// explain says in one line why requests are not served yet.
func (r *Readiness) explain() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch r.phase {
	case phaseDraining:
		return "stopping"
	case phaseStarting:
		return "starting: " + r.reason
	}
	return "starting"
}
