package declare

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// workers is how many things are written at a time: secrets and passwords are hashed, which takes a
// processor each.
const workers = 4

// attempts bounds how often one is looked at again because somebody else was quicker.
const attempts = 3

// Result says what became of a plan.
type Result struct {
	// Done are the actions that were taken, Kept those that wait for identityd apply.
	Done []Action `json:"done"`
	Kept []Action `json:"kept"`
}

// Apply does what a plan says, as far as it may. One failure does not keep the others from being done; all
// are joined.
func (r *Reconciler) Apply(ctx context.Context, p Plan, how How) (Result, error) {
	out := Result{Done: []Action{}, Kept: []Action{}}
	var todo []Action
	var failures []error
	for _, a := range p.Actions {
		switch {
		case a.Do == Refuse && a.Kind == KindIdentity && !how.Asked:
			// Anybody may sign up with an address, and must not keep identityd from starting by it.
			a.HeldBack = true
			out.Kept = append(out.Kept, a)
		case a.Do == Refuse:
			failures = append(failures, refusal(a))
		case how.Asked, !a.HeldBack && (a.Changed || how.Repair || a.Do == Delete || a.Do == Deactivate || a.Do == Adopt):
			todo = append(todo, a)
		default:
			out.Kept = append(out.Kept, a)
		}
	}
	todo = append(todo, p.quiet...)
	var mu sync.Mutex
	var running sync.WaitGroup
	next := make(chan Action)
	for range min(workers, len(todo)) {
		running.Go(func() {
			for a := range next {
				err := r.settle(ctx, a, how)
				mu.Lock()
				switch {
				case err != nil:
					failures = append(failures, fmt.Errorf("%s: %w", title(a.Kind, a.Name), err))
				case a.Do != note && a.Do != forget:
					out.Done = append(out.Done, a)
				}
				mu.Unlock()
			}
		})
	}
	for _, a := range todo {
		if ctx.Err() != nil { // the rest would only repeat that there is no time left
			break
		}
		next <- a
	}
	close(next)
	running.Wait()
	if ctx.Err() != nil {
		failures = append(failures, context.Cause(ctx))
	}
	return out, errors.Join(failures...)
}

func refusal(a Action) error {
	cure := "give the client in the file another id, delete the existing one, or take it over: identityd apply --adopt"
	switch {
	case a.Kind == KindIdentity && a.held == nil:
		cure = "give it another key in this file, or take the name over: identityd apply --adopt"
	case a.Kind == KindIdentity:
		cure = "take it out of the file, delete the existing one, or take it over: identityd apply --adopt"
	}
	return fmt.Errorf("%s: %s, so it is left as it is; %s", title(a.Kind, a.Name), a.Reason, cure)
}

// settle does one thing, and looks again when somebody else was quicker.
func (r *Reconciler) settle(ctx context.Context, a Action, how How) error {
	var err error
	for range attempts {
		err = r.do(ctx, a)
		if !errors.Is(err, ErrExists) && !errors.Is(err, ErrNotFound) || a.want == (Want{}) {
			break
		}
		again, lookErr := r.compare(ctx, a.want, a.row, how)
		if lookErr != nil {
			return lookErr
		}
		switch again.Do {
		case "":
			return nil
		case Refuse:
			return refusal(again)
		}
		a = again
	}
	if err == nil && r.Report != nil && a.Do != note && a.Do != forget {
		r.Report(ctx, a)
	}
	return err
}

func (r *Reconciler) do(ctx context.Context, a Action) error {
	reg := r.Registries[a.Kind]
	switch a.Do {
	case forget:
		return r.Ledger.Drop(ctx, a.Kind, a.Name)
	case note:
		return r.write(ctx, a, a.held)
	case Create:
		held, err := reg.Create(ctx, a.want, r.mark(a))
		if err != nil {
			return fmt.Errorf("creating: %w", err)
		}
		return r.write(ctx, a, held)
	case Update, Adopt:
		held, err := reg.Update(ctx, a.held, a.want, r.mark(a), a.secret)
		if err != nil {
			return fmt.Errorf("updating: %w", err)
		}
		return r.write(ctx, a, held)
	case Delete:
		if err := reg.Delete(ctx, a.held); err != nil && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("deleting: %w", err)
		}
		return r.Ledger.Drop(ctx, a.Kind, a.Name)
	case Deactivate:
		held, err := reg.Leave(ctx, a.held)
		if err != nil {
			return fmt.Errorf("deactivating: %w", err)
		}
		row := a.row
		row.Left, row.Found, row.Digest = time.Now(), held.Sum, ""
		return r.Ledger.Save(ctx, row)
	}
	return fmt.Errorf("nothing is known of %q", a.Do)
}

func (r *Reconciler) mark(a Action) Mark {
	m := Mark{Owner: r.Owner, Digest: a.sums.whole[0]}
	if a.Kind == KindIdentity {
		m.Key = a.Name
	}
	return m
}

func (r *Reconciler) write(ctx context.Context, a Action, held *Held) error {
	now := time.Now()
	row := Row{
		Kind: a.Kind, Name: a.Name, Owner: r.Owner, Ref: held.Ref, Digest: a.sums.whole[0], Secret: a.sums.secret[0],
		Found: held.Sum, Made: a.row.Made, Changed: now,
	}
	if row.Made.IsZero() {
		row.Made = now
	}
	return r.Ledger.Save(ctx, row)
}
