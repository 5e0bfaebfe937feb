package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// Do performs an operation once and checks every answer. It is called by many at once.
type Do func(ctx context.Context) error

// Result is what one load came to.
type Result struct {
	Count   int
	Elapsed time.Duration
	Rate    float64 // operations a second
	// The times that half, 95 % and 99 % of the operations took at most.
	P50, P95, P99, Max time.Duration
}

// Closed has workers that begin the next operation when the last one ended: it finds the rate that the side can take.
func Closed(ctx context.Context, do Do, workers int, d time.Duration) (Result, error) {
	a := vegeta.NewAttacker(vegeta.Client(client(do)), vegeta.Workers(uint64(workers)), vegeta.MaxWorkers(uint64(workers)))
	return attack(ctx, a, vegeta.ConstantPacer{}, d, func(r *vegeta.Result, _ time.Time) time.Duration { return r.Latency })
}

// Open begins an operation when its time has come, whether or not those before it have ended, as people do who know nothing of each other. An operation's time
// runs from when it was due, so that one that the server made wait for others is not left out of the count (coordinated omission).
func Open(ctx context.Context, do Do, rate float64, most int, d time.Duration) (Result, error) {
	if rate <= 0 {
		return Result{}, fmt.Errorf("sending at a rate of %g: must be above 0", rate)
	}
	p := pacer(time.Duration(float64(time.Second) / rate))
	a := vegeta.NewAttacker(vegeta.Client(client(do)), vegeta.Workers(uint64(min(most, 8))), vegeta.MaxWorkers(uint64(most)))
	return attack(ctx, a, p, d, func(r *vegeta.Result, began time.Time) time.Duration {
		due := began.Add(p.due(r.Seq))
		return max(r.Latency, r.Timestamp.Add(r.Latency).Sub(due))
	})
}

// pacer is the time between two operations. Vegeta's own counts in whole operations per second.
type pacer time.Duration

func (p pacer) due(n uint64) time.Duration { return time.Duration(p) * time.Duration(n+1) }

// Pace implements vegeta.Pacer.
func (p pacer) Pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	return p.due(hits) - elapsed, false
}

// Rate implements vegeta.Pacer.
func (p pacer) Rate(time.Duration) float64 { return float64(time.Second) / float64(p) }

func attack(ctx context.Context, a *vegeta.Attacker, p vegeta.Pacer, d time.Duration, took func(*vegeta.Result, time.Time) time.Duration) (Result, error) {
	stop := context.AfterFunc(ctx, func() { a.Stop() })
	defer stop()
	target := vegeta.NewStaticTargeter(vegeta.Target{Method: http.MethodGet, URL: "http://side/"})
	var all []time.Duration
	var failed error
	began := time.Now()
	end := began
	for r := range a.Attack(target, p, d, "") {
		if r.Error != "" {
			// One wrong answer says that what is measured is not what is meant.
			if failed == nil {
				failed = errors.New(strings.TrimPrefix(r.Error, `Get "http://side/": `))
			}
			a.Stop()
			continue
		}
		all = append(all, took(r, began))
		if e := r.Timestamp.Add(r.Latency); e.After(end) {
			end = e
		}
	}
	if err := ctx.Err(); err != nil {
		return Result{}, fmt.Errorf("loading: %w", err)
	}
	if failed != nil {
		return Result{}, failed
	}
	if len(all) == 0 {
		return Result{}, fmt.Errorf("no operation ended within %s", d)
	}
	slices.Sort(all)
	out := Result{Count: len(all), Elapsed: end.Sub(began), P50: at(all, 0.50), P95: at(all, 0.95), P99: at(all, 0.99), Max: all[len(all)-1]}
	out.Rate = float64(out.Count) / out.Elapsed.Seconds()
	return out, nil
}

// at is the smallest of the sorted times that so many of them do not exceed.
func at(sorted []time.Duration, share float64) time.Duration {
	n := int(share*float64(len(sorted)) + 0.999999)
	return sorted[min(max(n, 1), len(sorted))-1]
}
