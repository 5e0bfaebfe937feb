package side

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

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
		for !answers(ctx, client, address) {
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
				return fmt.Errorf("waiting for %s: %w", address, ctx.Err())
			}
		}
	}
	return nil
}

func answers(ctx context.Context, client *http.Client, address string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
