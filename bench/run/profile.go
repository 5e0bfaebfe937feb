package run

import (
	"context"
	"errors"
	"fmt"

	"example.com/identityd/bench/load"
	"example.com/identityd/bench/ops"
	"example.com/identityd/bench/profile"
	"example.com/identityd/bench/side"
)

// Profile starts the only side and has it write a CPU profile of everything that people and applications do, one after the other for the same time each. Passwords
// cost nothing: no compiler makes their hashes faster, and they would be most of the profile.
func (b *Bench) Profile(ctx context.Context, file string) (err error) {
	s, err := b.start(ctx, b.Sides[0], side.Options{Hasher: side.NoCost, Environment: []string{profile.Variable + "=" + file}}, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopAll([]*started{s})) }()
	var lanes []*lane
	for _, o := range ops.All() {
		l, err := b.warm(ctx, o, s)
		if err != nil {
			return fmt.Errorf("%s: %w", o.Name, err)
		}
		lanes = append(lanes, l)
	}
	return profile.Of(ctx, s.PIDs["identityd"], file, func() error {
		for range b.Rounds {
			for i, o := range ops.All() {
				if _, err := load.Closed(ctx, lanes[i].do, b.Workers, b.Closed); err != nil {
					return fmt.Errorf("%s: %w", o.Name, err)
				}
			}
		}
		return nil
	})
}
