package main

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// probes ask one thing after the other, on a kept connection for as long as the server keeps it,
// until one is refused.
type probes struct {
	running sync.WaitGroup
	mu      sync.Mutex
	all     []*request
}

// startProbes starts two probes of each listener, and two that ask for readiness.
func startProbes(all []target) *probes {
	p := &probes{}
	ready := all[len(all)-1]
	ready.path = readyPath
	for i, t := range append([]target{ready}, all...) {
		for j := range 2 {
			p.running.Go(func() { p.run(t, fmt.Sprintf("probe-%d-%d", i, j)) })
		}
	}
	return p
}

func (p *probes) run(t target, name string) {
	var conn *request
	for i := 0; ; i++ {
		r := newRequest(t, fmt.Sprintf("%s-%d", name, i), 3*i)
		r.began = time.Now()
		if conn != nil {
			r.conn, r.in, r.kept = conn.conn, conn.in, true
		}
		r.open()
		r.send(len(r.text))
		r.read()
		p.mu.Lock()
		p.all = append(p.all, r)
		p.mu.Unlock()
		if r.err != nil {
			return
		}
		if conn = r; r.close {
			r.conn.Close()
			conn = nil
		}
		// Enough to find a gap, and no load that would hide one.
		until(time.Now().Add(5 * time.Millisecond))
	}
}

func (p *probes) wait() { p.running.Wait() }

func (p *probes) asked() []*request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all
}

// unready is when readiness was first seen to say 503.
func (p *probes) unready() time.Time {
	var first time.Time
	for _, r := range p.asked() {
		if r.target.path == readyPath && r.got == http.StatusServiceUnavailable && (first.IsZero() || r.ended.Before(first)) {
			first = r.ended
		}
	}
	return first
}

// answered counts the answers to requests that began after a point in time, by listener.
func (p *probes) answered(after time.Time) map[string]int {
	n := map[string]int{}
	for _, r := range p.asked() {
		n[r.target.listener] += 0
		if r.err == nil && r.began.After(after) {
			n[r.target.listener]++
		}
	}
	return n
}
