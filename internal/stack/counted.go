package stack

import (
	"slices"
	"sync"

	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/ory"
)

// counts are what engines count, since their start.
type counts struct {
	abandoned     int64
	secrets       hydra.SecretStats
	hydra, kratos ory.CeilingStats
}

func countsOf(p *pair) counts {
	return counts{p.kratos.Abandoned(), p.hydra.Secrets(), p.hydra.Hashing(), p.kratos.Hashing()}
}

func (c *counts) add(o counts) {
	c.abandoned += o.abandoned
	c.secrets.Hits += o.secrets.Hits
	c.secrets.Misses += o.secrets.Misses
	c.hydra, c.kratos = counting(c.hydra, o.hydra), counting(c.kratos, o.kratos)
}

// counting is the state of one with the counts of both.
func counting(of, more ory.CeilingStats) ory.CeilingStats {
	of.Hashes += more.Hashes
	of.Turned += more.Turned
	return of
}

// stateOf is the state of one with the counts of the other.
func stateOf(of, all ory.CeilingStats) ory.CeilingStats {
	of.Hashes, of.Turned = all.Hashes, all.Turned
	return of
}

// counted sums up what all pairs of a process counted, those that are closed included: a counter does not go back.
type counted struct {
	mu    sync.Mutex
	live  []*pair
	ended counts
}

func (c *counted) add(p *pair) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live = append(c.live, p)
}

// keep remembers what a pair counted, and lets go of it.
func (c *counted) keep(p *pair) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live = slices.DeleteFunc(c.live, func(o *pair) bool { return o == p })
	c.ended.add(countsOf(p))
}

func (c *counted) all() counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.ended
	for _, p := range c.live {
		out.add(countsOf(p))
	}
	return out
}
