package stack

import (
	"context"
	"math/rand/v2"
	"time"

	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/store"
)

// driftEvery is how often a process looks for changes by hand; driftFirst is how soon after its start.
const (
	driftEvery = 10 * time.Minute
	driftFirst = 5 * time.Second
)

// keepDeclared looks after what the file declares, for as long as this process serves. What a changed file
// says is taken into force by the reload that brings it.
func (s *Stack) keepDeclared(ctx context.Context) {
	first := orElseTime(s.opts.LookForDrift, driftFirst)
	next, said := time.Now().Add(first+rand.N(first)), map[string]bool(nil)
	err := s.follow(ctx, func(ctx context.Context, p *pair) error {
		k := declaredKeeper{stack: s, pair: p, next: next, said: said}
		k.run(ctx)
		next, said = k.next, k.said
		return nil
	})
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "declared clients and identities are not looked after", "err", err)
	}
}

func orElseTime(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return d
}

// declaredKeeper looks after the file with the engines of one pair.
type declaredKeeper struct {
	stack *Stack
	pair  *pair
	// next is when drift is looked for, said is what was found the last time.
	next time.Time
	said map[string]bool
}

func (k *declaredKeeper) run(ctx context.Context) {
	for {
		d, err := k.stack.declaring(k.pair, k.stack.now().cfg)
		if err != nil {
			k.stack.log.ErrorContext(ctx, "declared clients and identities cannot be used", "err", err)
			return
		}
		wait := k.round(ctx, d)
		if store.Sleep(ctx, wait) != nil {
			k.leave(ctx, d)
			return
		}
	}
}

// leave says that nobody serves with this file here any more. What is not written down is taken for alive for
// some minutes.
func (k *declaredKeeper) leave(ctx context.Context, d *declaring) {
	if k.pair.turns.leases == nil {
		return
	}
	bound, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := d.Ledger.Leave(bound, d.holder); err != nil {
		k.stack.log.DebugContext(bound, "the end was not written down", "err", err)
	}
}

// round does what is due, and says how long to wait for the next one.
func (k *declaredKeeper) round(ctx context.Context, d *declaring) time.Duration {
	wait := declare.Beat
	if k.stack.declaredPending.Load() {
		// A newer file was in force when this one came. Nobody may serve with that one any more.
		if err := k.alone(ctx, d.keep); err != nil && ctx.Err() == nil {
			k.stack.metrics.declared.failed()
			k.stack.log.ErrorContext(ctx, "declared clients and identities are not as the file says", "err", err,
				"cure", "identityd plan says what is missing; it is tried again")
		}
	}
	if err := k.beat(ctx, d); err != nil && ctx.Err() == nil {
		k.stack.log.WarnContext(ctx, "what this process serves with was not written down", "err", err)
	}
	if until := time.Until(k.next); until > 0 {
		return min(wait, until)
	}
	every := orElseTime(k.stack.opts.LookForDrift, driftEvery)
	k.next = time.Now().Add(every/2 + rand.N(every))
	if err := k.look(ctx, d); err != nil && ctx.Err() == nil {
		k.stack.log.WarnContext(ctx, "changes by hand were not looked for", "err", err)
	}
	return min(wait, max(time.Until(k.next), 0))
}

// beat writes down with which state of the file this process serves, where there can be others.
func (k *declaredKeeper) beat(ctx context.Context, d *declaring) error {
	if k.pair.turns.leases == nil {
		return nil
	}
	files, err := d.Ledger.Files(ctx, d.Owner)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Digest == d.sums[0] {
			return d.beat(ctx, f.Generation, time.Now())
		}
	}
	return nil
}

// look says what was changed by hand, and puts it back where the file says so. An older file has no say.
func (k *declaredKeeper) look(ctx context.Context, d *declaring) error {
	verdict, newest, err := declare.Judge(ctx, d.Ledger, d.holder, d.Owner, d.sums)
	if err != nil || verdict != declare.Nothing || newest.Generation == 0 {
		return err
	}
	plan, err := d.Plan(ctx, d.want, declare.How{})
	if err != nil {
		return err
	}
	k.stack.metrics.declared.set(plan.Actions)
	drift, said := 0, k.said
	k.said = map[string]bool{}
	for _, a := range plan.Actions {
		if !a.Drift {
			continue
		}
		drift++
		thing := string(a.Kind) + " " + a.Name + " " + a.By
		if k.said[thing] = true; !said[thing] { // once, not at every look
			k.stack.log.WarnContext(ctx, "changed by other means than the file", "kind", string(a.Kind), "key", a.Name, "by", a.By,
				"cure", "write it into the file, or take it back with identityd apply; identityd plan shows it")
		}
	}
	if drift == 0 || !d.repair {
		return nil
	}
	return k.alone(ctx, func(ctx context.Context) error {
		how := declare.How{Repair: true}
		plan, err := d.Plan(ctx, d.want, how)
		if err != nil {
			return err
		}
		res, err := d.do(ctx, plan, how, newest)
		if err == nil {
			k.stack.metrics.declared.set(res.Kept)
		}
		return err
	})
}

// alone runs f under the lease of starts, as the doing of the file.
func (k *declaredKeeper) alone(ctx context.Context, f func(context.Context) error) error {
	return k.pair.turns.alone(ctx, leaseStart, func(ctx context.Context) error { return k.stack.byFile(ctx, f) })
}
