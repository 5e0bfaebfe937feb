package run

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"time"

	"example.com/identityd/bench/count"
	"example.com/identityd/bench/load"
	"example.com/identityd/bench/ops"
	"example.com/identityd/bench/report"
	"example.com/identityd/bench/side"
)

// count does each operation a few times, one after the other, and counts what it took. It is a pass of its own: the proxy that counts takes time.
func (b *Bench) count(ctx context.Context) error {
	var names []string
	for _, o := range ops.All() {
		names = append(names, o.Name)
	}
	wanted, err := b.wanted(names)
	if err != nil {
		return err
	}
	for _, s := range b.Sides {
		if err := b.countSide(ctx, s, wanted); err != nil {
			return fmt.Errorf("%s: %w", s.Name(), err)
		}
	}
	return nil
}

func (b *Bench) countSide(ctx context.Context, s side.Side, wanted []ops.Operation) (err error) {
	at, err := url.Parse(b.Postgres.URL("postgres"))
	if err != nil {
		return errors.New("reading the URL of PostgreSQL: it is none")
	}
	proxy, err := count.NewProxy(ctx, net.JoinHostPort(at.Hostname(), at.Port()))
	if err != nil {
		return err
	}
	defer proxy.Close()
	// The hash does not change what is counted, but for the bytes that are allocated for it.
	one, err := b.start(ctx, s, side.Options{}, proxy.Through)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopAll([]*started{one})) }()
	c := &counter{started: one, proxy: proxy, file: b.File}
	if c.first, err = c.between(); err != nil {
		return err
	}
	for _, o := range wanted {
		do, err := o.Prepare(ctx, one.target, 2)
		if err != nil {
			return fmt.Errorf("preparing %s: %w", o.Name, err)
		}
		// What is made or remembered at the first time is not what the next one costs.
		for range 3 {
			if err := do(ctx); err != nil {
				return fmt.Errorf("%s: %w", o.Name, err)
			}
		}
		for range b.Batches {
			if err := c.batch(ctx, o, do, b.Each, b.Warm/3); err != nil {
				return fmt.Errorf("%s: %w", o.Name, err)
			}
		}
		b.Log.InfoContext(ctx, "counted", "operation", o.Name, "side", s.Name())
	}
	return c.whole()
}

type counter struct {
	*started
	proxy *count.Proxy
	file  *report.File
	// first are the connections from before anything was asked.
	first map[count.Pair]bool
}

// between are the connections that the processes of the side made among themselves.
func (c *counter) between() (map[count.Pair]bool, error) {
	var listeners []string
	for _, l := range c.Listeners() {
		listeners = append(listeners, l...)
	}
	return count.Between(listeners, c.target.Wire.Ports())
}

// state is everything that is counted, so far.
type state struct {
	traffic count.Traffic
	heap    count.Heap
	pairs   map[count.Pair]bool
}

func (c *counter) state(ctx context.Context) (state, error) {
	var s state
	var errs [2]error
	s.heap, errs[0] = count.HeapOf(ctx, c.http, c.Metrics)
	s.traffic = c.proxy.Count()
	s.pairs, errs[1] = c.between()
	return s, errors.Join(errs[:]...)
}

func (c *counter) batch(ctx context.Context, o ops.Operation, do load.Do, least int, long time.Duration) error {
	// The one before the first tells what asking for the counts costs.
	before, err := c.state(ctx)
	if err != nil {
		return err
	}
	settle()
	first, err := c.state(ctx)
	if err != nil {
		return err
	}
	n := 0
	// Many of what takes little, so that what the processes do by themselves meanwhile does not count.
	for began := time.Now(); n < least || time.Since(began) < long; n++ {
		if err := do(ctx); err != nil {
			return err
		}
	}
	settle()
	last, err := c.state(ctx)
	if err != nil {
		return err
	}
	traffic := last.traffic.Less(first.traffic)
	put := func(kind, unit string, v float64) {
		c.file.Add(measure(report.Counts, o, kind, unit), c.target.Name, v)
	}
	each := func(v int) float64 { return float64(v) / float64(n) }
	put("statements", "", each(traffic.Statements))
	put("control", "", each(traffic.Control))
	put("round_trips", "", each(traffic.RoundTrips))
	put("bytes_sent", "B", each(traffic.Sent))
	put("bytes_received", "B", each(traffic.Received))
	put("allocations", "", (last.heap.Objects-first.heap.Objects-(first.heap.Objects-before.heap.Objects))/float64(n))
	put("allocated", "kB", (last.heap.Bytes-first.heap.Bytes-(first.heap.Bytes-before.heap.Bytes))/float64(n)/1e3)
	put("connections", "", float64(len(count.Without(last.pairs, first.pairs)))/float64(n))
	c.texts(o, traffic, n)
	return nil
}

// settle gives what is written behind an answer, such as the trail, the time to be written: it belongs to the operation.
func settle() { time.Sleep(200 * time.Millisecond) }

// texts keeps the statements of the last batch.
func (c *counter) texts(o ops.Operation, t count.Traffic, n int) {
	var all []report.Statement
	for text, times := range t.Texts {
		all = append(all, report.Statement{Count: float64(times) / float64(n), Text: text})
	}
	slices.SortFunc(all, func(a, b report.Statement) int {
		switch {
		case a.Count > b.Count:
			return -1
		case a.Count < b.Count:
			return 1
		case a.Text < b.Text:
			return -1
		}
		return 1
	})
	if c.file.Statements == nil {
		c.file.Statements = map[string]map[string][]report.Statement{}
	}
	if c.file.Statements[o.Name] == nil {
		c.file.Statements[o.Name] = map[string][]report.Statement{}
	}
	c.file.Statements[o.Name][c.target.Name] = all
}

// whole is what the processes of the side opened among themselves while everything was counted.
func (c *counter) whole() error {
	last, err := c.between()
	if err != nil {
		return err
	}
	m := report.Measure{
		Group: report.Counts, Row: "all", Kind: "connections_of_its_own", Title: "connections among its own processes, in the whole pass", Exact: true, Goal: 0,
	}
	c.file.Add(m, c.target.Name, float64(len(count.Without(last, c.first))))
	return nil
}
