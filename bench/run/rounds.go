package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/identityd/bench/count"
	"example.com/identityd/bench/load"
	"example.com/identityd/bench/ops"
	"example.com/identityd/bench/report"
)

// lane is an operation on one side.
type lane struct {
	*started
	do   load.Do
	rate float64 // what it took while it was warmed up
}

// phase starts the sides, warms each operation up, and measures it in rounds.
func (b *Bench) phase(ctx context.Context, p phase) (err error) {
	wanted, err := b.wanted(p.operations)
	if err != nil || len(wanted) == 0 {
		return err
	}
	all, err := b.startAll(ctx, p.options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopAll(all)) }()
	lanes := make([][]*lane, len(wanted))
	for i, o := range wanted {
		for _, s := range all {
			l, err := b.warm(ctx, o, s)
			if err != nil {
				return fmt.Errorf("%s at %s: %w", o.Name, s.target.Name, err)
			}
			lanes[i] = append(lanes[i], l)
		}
	}
	for round := range b.Rounds {
		for i, o := range wanted {
			o.Name, o.Title = o.Name+p.suffix, o.Title+p.title
			if err := b.round(ctx, round, i, o, lanes[i]); err != nil {
				return err
			}
		}
		b.Log.InfoContext(ctx, "round done", "phase", p.name, "round", round+1, "of", b.Rounds)
	}
	return nil
}

func (b *Bench) workers(o ops.Operation) int {
	if o.Hashes {
		return b.Hashing
	}
	return b.Workers
}

// warm prepares the operation and lets it run: caches, connections, and the rate that the open loop is made from.
func (b *Bench) warm(ctx context.Context, o ops.Operation, s *started) (*lane, error) {
	do, err := o.Prepare(ctx, s.target, b.Most)
	if err != nil {
		return nil, fmt.Errorf("preparing: %w", err)
	}
	r, err := load.Closed(ctx, do, b.workers(o), b.Warm)
	if err != nil {
		return nil, err
	}
	b.Log.InfoContext(ctx, "warm", "operation", o.Name, "side", s.target.Name, "rate", fmt.Sprintf("%.1f", r.Rate))
	return &lane{started: s, do: do, rate: r.Rate}, nil
}

// round measures an operation once on every side. Who comes first changes from round to round and from operation to operation, so that what one leaves behind for
// the next, such as a checkpoint or a warm processor, is shared.
func (b *Bench) round(ctx context.Context, round, i int, o ops.Operation, lanes []*lane) error {
	order := slices.Clone(lanes)
	if (round+i)%2 == 1 {
		slices.Reverse(order)
	}
	for _, l := range order {
		if err := b.closed(ctx, o, l); err != nil {
			return fmt.Errorf("%s at %s: %w", o.Name, l.target.Name, err)
		}
	}
	rate := lanes[0].rate
	for _, l := range lanes {
		rate = min(rate, l.rate)
	}
	for _, l := range order {
		if err := b.open(ctx, o, l, rate*b.Share); err != nil {
			return fmt.Errorf("%s at %s at %.1f a second: %w", o.Name, l.target.Name, rate*b.Share, err)
		}
	}
	return nil
}

// spent is CPU time so far.
type spent struct{ side, database, bench time.Duration }

func (b *Bench) spent(l *lane) (spent, error) {
	var s spent
	var errs [3]error
	s.side, errs[0] = count.CPU(l.pids()...)
	s.database, errs[1] = count.CPUWithChildren(b.Postgres.PID())
	s.bench, errs[2] = count.Self()
	return s, errors.Join(errs[:]...)
}

func (b *Bench) closed(ctx context.Context, o ops.Operation, l *lane) error {
	if err := count.ResetPeak(l.pids()...); err != nil {
		return err
	}
	before, err := b.spent(l)
	if err != nil {
		return err
	}
	r, err := load.Closed(ctx, l.do, b.workers(o), b.Closed)
	if err != nil {
		return err
	}
	after, err := b.spent(l)
	if err != nil {
		return err
	}
	memory, err := count.MemoryOf(l.pids()...)
	if err != nil {
		return err
	}
	each := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(r.Count) }
	put := func(kind, unit string, v float64) {
		b.File.Add(measure(report.Speed, o, kind, unit), l.target.Name, v)
	}
	put("rate", "1/s", r.Rate)
	put("cpu", "ms", each(after.side-before.side))
	put("cpu_database", "ms", each(after.database-before.database))
	put("cpu_bench", "ms", each(after.bench-before.bench))
	put("rss_peak", "MB", float64(memory.Peak)/1e6)
	return nil
}

func (b *Bench) open(ctx context.Context, o ops.Operation, l *lane, rate float64) error {
	r, err := load.Open(ctx, l.do, rate, b.Most, b.long(rate))
	if err != nil {
		return err
	}
	put := func(kind, unit string, v float64) {
		b.File.Add(measure(report.Latency, o, kind, unit), l.target.Name, v)
	}
	put("offered", "1/s", rate)
	put("p50", "ms", ms(r.P50))
	put("p95", "ms", ms(r.P95))
	put("p99", "ms", ms(r.P99))
	return nil
}

// long is how long an open loop takes: longer where few operations come in a second, up to a bound.
func (b *Bench) long(rate float64) time.Duration {
	const enough = 20
	return max(b.Open, min(3*b.Open, time.Duration(enough/rate*float64(time.Second))))
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }
