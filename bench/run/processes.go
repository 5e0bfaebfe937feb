package run

import (
	"context"
	"errors"
	"fmt"

	"example.com/identityd/bench/report"
	"example.com/identityd/bench/side"
)

// spreading are the operations that are measured on several processes: the cheapest one, the two that APIs ask for most, and the whole way of a person.
func spreading() []string {
	return []string{"client_credentials", "introspection", "whoami", "code"}
}

// processes starts one, two and more of each process on the same databases. On a machine with as many cores as one of them uses, with the database and the load beside
// it, more are not faster: what shows is what they cost each other, and that nothing breaks.
func (b *Bench) processes(ctx context.Context) error {
	wanted, err := b.wanted(spreading())
	if err != nil || len(wanted) == 0 {
		return err
	}
	for n := 1; n <= b.Processes; n++ {
		if err := b.so(ctx, n); err != nil {
			return fmt.Errorf("with %d of each process: %w", n, err)
		}
	}
	return nil
}

func (b *Bench) so(ctx context.Context, n int) (err error) {
	wanted, err := b.wanted(spreading())
	if err != nil {
		return err
	}
	all, err := b.startAll(ctx, side.Options{Hasher: side.NoCost, Processes: n})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopAll(all)) }()
	return b.scale(ctx, report.Processes, fmt.Sprint(n), wanted, all)
}
