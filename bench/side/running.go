package side

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

func newRunning(name string, o Options, a Addresses) *Running {
	return &Running{
		Addresses: a, Side: name, Databases: o.Databases,
		PIDs: make(map[string]int), Metrics: make(map[string]string), dial: make(map[string][]string),
	}
}

// serves says that a listener answers for a host.
func (r *Running) serves(host, listener string) { r.dial[host] = append(r.dial[host], listener) }

// start starts processes without waiting for any of them.
func (r *Running) start(each ...func() (*process, error)) error {
	for _, one := range each {
		p, err := one()
		if err != nil {
			return err
		}
		r.processes = append(r.processes, p)
		r.PIDs[p.name] = p.cmd.Process.Pid
	}
	return nil
}

// isReady notes what it took since begin, with the jobs that ran before.
func (r *Running) isReady(begin time.Time, jobs ...*process) error {
	r.Ready = time.Since(begin)
	for _, p := range append(jobs, r.processes...) {
		spent, err := p.cpu()
		if err != nil {
			return err
		}
		r.CPU += spent
	}
	return nil
}

// giveUp stops what was started when the start failed.
func (r *Running) giveUp(err *error) {
	if *err != nil {
		*err = errors.Join(*err, r.Stop())
	}
}

// Stop ends every process and waits for it.
func (r *Running) Stop() error {
	errs := make(chan error, len(r.processes))
	for _, p := range r.processes {
		go func() { errs <- p.stop() }()
	}
	var all error
	for range r.processes {
		all = errors.Join(all, <-errs)
	}
	return all
}

// waitReady asks every address until all of them say yes.
func waitReady(ctx context.Context, processes []*process, addresses ...string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	// What is measured in tenths of a second is not asked for more seldom.
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for _, address := range addresses {
		for {
			err := ask(ctx, client, address)
			if err == nil {
				break
			}
			for _, p := range processes {
				select {
				case <-p.done:
					return fmt.Errorf("starting %s: it ended: %w\n%s", p.name, p.err, p.tail())
				default:
				}
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return fmt.Errorf("waiting for %s: %w\n%s", address, err, tails(processes))
			}
		}
	}
	return nil
}

func ask(ctx context.Context, client *http.Client, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
		return fmt.Errorf("got %s: %s", resp.Status, body)
	}
	return nil
}

func tails(processes []*process) string {
	var all strings.Builder
	for _, p := range processes {
		fmt.Fprintf(&all, "== %s\n%s", p.name, p.tail())
	}
	return all.String()
}

// Spent is what its processes took of the processors so far.
func (r *Running) Spent() (time.Duration, error) {
	var sum time.Duration
	for _, p := range r.processes {
		spent, err := p.cpu()
		if err != nil {
			return 0, err
		}
		sum += spent
	}
	return sum, nil
}
