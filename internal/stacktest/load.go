package stacktest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Answer is one of the answers that a Load got.
type Answer struct {
	At, Took time.Duration // since the start of the load
	Name     string
	Status   int // 0 when there was none
	Header   http.Header
	Body     string
	Err      error
}

// Request is one that a Load repeats.
type Request struct {
	Name, Method, URL, Body string
	Change                  func(*http.Request)
	// Patient clients come again when they are told to, and not at once.
	Patient bool
}

// Load sends requests all the time.
type Load struct {
	began time.Time
	stop  context.CancelFunc
	done  sync.WaitGroup

	mu      sync.Mutex
	answers []Answer
}

// StartLoad repeats the requests in turn from so many clients until Stop.
func StartLoad(t testing.TB, clients int, requests ...Request) *Load {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	l := &Load{began: time.Now(), stop: cancel}
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	client := &http.Client{
		Transport: transport, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for i := range clients {
		l.done.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
				l.send(ctx, client, requests[n%len(requests)])
			}
		})
	}
	t.Cleanup(func() { l.Stop(); transport.CloseIdleConnections() })
	return l
}

// Stop ends the load and returns every answer in the order of their ends.
func (l *Load) Stop() []Answer {
	l.stop()
	l.done.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.answers)
}

// Since returns the answers so far that began at or after a time.
func (l *Load) Since(at time.Time) []Answer {
	from := at.Sub(l.began)
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Answer
	for _, a := range l.answers {
		if a.At >= from {
			out = append(out, a)
		}
	}
	return out
}

func (l *Load) send(ctx context.Context, client *http.Client, r Request) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, strings.NewReader(r.Body))
	if err != nil {
		l.add(Answer{Name: r.Name, Err: err})
		return
	}
	if r.Change != nil {
		r.Change(req)
	}
	began := time.Now()
	a := Answer{At: began.Sub(l.began), Name: r.Name}
	res, err := client.Do(req)
	if err == nil {
		var raw []byte
		raw, err = io.ReadAll(res.Body)
		res.Body.Close()
		a.Status, a.Header, a.Body = res.StatusCode, res.Header, string(raw)
	}
	if errors.Is(err, context.Canceled) {
		return // our own end
	}
	a.Took, a.Err = time.Since(began), err
	l.add(a)
	if r.Patient && a.Status == http.StatusServiceUnavailable {
		select {
		case <-ctx.Done():
		case <-time.After(time.Second): // what Retry-After says
		}
	}
}

func (l *Load) add(a Answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers = append(l.answers, a)
}

// Statuses counts answers by status.
func Statuses(answers []Answer) map[int]int {
	out := map[int]int{}
	for _, a := range answers {
		out[a.Status]++
	}
	return out
}

// Slowest returns the time that the given share of the answers took at most, such as 0.99.
func Slowest(answers []Answer, share float64) time.Duration {
	if len(answers) == 0 {
		return 0
	}
	took := make([]time.Duration, 0, len(answers))
	for _, a := range answers {
		took = append(took, a.Took)
	}
	slices.Sort(took)
	return took[min(len(took)-1, int(share*float64(len(took))))]
}
