package regions

import (
	"context"
	"fmt"
	"time"
)

// Progress is one thing that a person who waits wants to know.
type Progress struct {
	// Number and Total count steps; Total can grow when the cluster changes meanwhile.
	Number, Total int
	Step          Step
	// State is begun, running, done, lost (the connection was cut) or waiting (for somebody's job).
	State   string
	Job     *Job
	Elapsed time.Duration
	Err     error
}

// The states of Progress.
const (
	Begun   = "begun"
	Running = "running"
	Done    = "done"
	Lost    = "lost"
	Waiting = "waiting"
)

// Apply brings the cluster to the goal, one statement after another, and returns how many it ran. It
// looks at the cluster before each of them, so that it can be run again after any interruption, and
// beside the job that an interrupted one left behind. poll is the pause between two looks.
func Apply(ctx context.Context, c Cluster, g Goal, o Options, poll time.Duration, tell func(Progress)) (int, error) {
	a := applier{cluster: c, goal: g, options: o, poll: poll, tell: tell, tries: map[string]int{}}
	for {
		more, err := a.next(ctx)
		if err != nil || !more {
			return a.done, err
		}
	}
}

// most bounds how often one statement is tried: over connections that were cut, or when the cluster says
// that it ran and does not show it.
const most = 5

type applier struct {
	cluster Cluster
	goal    Goal
	options Options
	poll    time.Duration
	tell    func(Progress)
	done    int
	tries   map[string]int
}

func (a *applier) next(ctx context.Context) (more bool, err error) {
	if err := a.settle(ctx); err != nil {
		return false, err
	}
	state, err := retry(ctx, a.poll, a.cluster.Read)
	if err != nil {
		return false, err
	}
	p, err := Make(state, a.goal, a.options)
	if err != nil || len(p.Steps) == 0 {
		return false, err
	}
	step := p.Steps[0]
	if a.tries[step.SQL]++; a.tries[step.SQL] > most {
		return false, fmt.Errorf("giving up after %d tries: the cluster does not show the effect of %s", most, step.SQL)
	}
	now := Progress{Number: a.done + 1, Total: a.done + len(p.Steps), Step: step, State: Begun}
	a.tell(now)
	began := time.Now()
	err = a.run(ctx, step, now)
	now.Elapsed = time.Since(began)
	switch {
	case err == nil:
		a.done++
		now.State = Done
		a.tell(now)
		return true, nil
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case away(err):
		now.State, now.Err = Lost, err
		a.tell(now)
		return true, sleep(ctx, a.poll)
	case sqlState(err) == stateObjectPresent, sqlState(err) == stateObjectMissing:
		return true, sleep(ctx, a.poll) // somebody else was at it; the next look tells
	}
	if settled := settleFirst(err); settled != err { //nolint:errorlint // it is the same error or another one
		return false, settled
	}
	return false, fmt.Errorf("running %s: %w", step.SQL, err)
}

// run executes the step and, while it takes, tells how far its job is.
func (a *applier) run(ctx context.Context, s Step, now Progress) error {
	done := make(chan error, 1)
	go func() { done <- a.cluster.Exec(ctx, s) }()
	began, ticker := time.Now(), time.NewTicker(a.poll)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
		}
		jobs, err := a.cluster.Running(ctx)
		if err != nil || len(jobs) == 0 {
			continue // only for show
		}
		now.State, now.Job, now.Elapsed = Running, &jobs[0], time.Since(began)
		a.tell(now)
	}
}

// settle waits for schema changes of these databases to end: those that an apply before this one began,
// and whoever's.
func (a *applier) settle(ctx context.Context) error {
	for {
		jobs, err := retry(ctx, a.poll, a.cluster.Running)
		if err != nil || len(jobs) == 0 {
			return err
		}
		for _, j := range jobs {
			if j.paused() {
				return &RefusedError{
					fmt.Sprintf("job %d is %s (%s)", j.ID, j.Status, oneLine(j.Description)),
					fmt.Sprintf("run RESUME JOB %d or CANCEL JOB %d, then this again", j.ID, j.ID),
				}
			}
		}
		a.tell(Progress{Number: a.done + 1, State: Waiting, Job: &jobs[0]})
		if err := sleep(ctx, a.poll); err != nil {
			return err
		}
	}
}

// retry reads until the cluster can be asked: the node that the connection went to may be away.
func retry[T any](ctx context.Context, poll time.Duration, f func(context.Context) (T, error)) (T, error) {
	for n := 1; ; n++ {
		v, err := f(ctx)
		if err == nil || n == most || !away(err) {
			return v, err
		}
		if err := sleep(ctx, poll); err != nil {
			return v, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
