package run

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"

	"example.com/identityd/bench/growth"
	"example.com/identityd/bench/load"
	"example.com/identityd/bench/ops"
	"example.com/identityd/bench/report"
	"example.com/identityd/bench/side"
)

// growing are the operations that read or write what grows. Passwords cost nothing, which would hide everything else.
func growing() []string {
	return []string{"client_credentials", "introspection", "whoami", "login", "code", "refresh"}
}

// sample is how many of the people who were filled in take part: more than fit into what is read all the time.
const sample = 256

// grown is a side whose databases grow.
type grown struct {
	*started
	template growth.Template
	size     int
}

// growth fills both sides' databases with ten times as many people and tokens again and again, and measures the same operations each time.
func (b *Bench) growth(ctx context.Context) (err error) {
	wanted, err := b.wanted(growing())
	if b.Growth < smallest || err != nil || len(wanted) == 0 {
		return err
	}
	all, err := b.startAll(ctx, side.Options{Hasher: side.NoCost})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopAll(all)) }()
	sides := make([]*grown, len(all))
	for i, s := range all {
		sides[i] = &grown{started: s, template: growth.Template{Person: s.target.People[0]}}
		if err := sides[i].flows(ctx); err != nil {
			return fmt.Errorf("%s: %w", s.target.Name, err)
		}
	}
	for size := smallest; size <= b.Growth; size *= 10 {
		if short, err := b.short(size, len(sides)); short != "" || err != nil {
			b.File.Notes = append(b.File.Notes, short)
			b.Log.WarnContext(ctx, "growth ends early", "why", short)
			return err
		}
		for _, s := range sides {
			if err := b.fill(ctx, s, size); err != nil {
				return fmt.Errorf("filling %s: %w", s.target.Name, err)
			}
		}
		if err := b.scale(ctx, report.Growth, fmt.Sprintf("1e%d", digits(size)), wanted, all); err != nil {
			return err
		}
	}
	return nil
}

// What a person with a session, a flow and its tokens takes on the disk with all indexes, and what PostgreSQL writes beside it.
const (
	bytesEach  = 13_000
	bytesAside = 5_000_000_000
)

// short says when the disk is too small for a size, which is not a wrong answer of anybody.
func (b *Bench) short(size, sides int) (string, error) {
	free, err := b.Postgres.Free()
	if err != nil {
		return "", err
	}
	if need := int64(sides)*int64(size)*bytesEach + bytesAside; size > smallest && free < need {
		return fmt.Sprintf("Growth ends before %d people and tokens: it needs %d GB on the disk, of which %d are free.", size, need/1e9, free/1e9), nil
	}
	return "", nil
}

// smallest is the first size.
const smallest = 1000

func digits(n int) int { return len(fmt.Sprint(n)) - 1 }

// flows takes the template through a whole sign-in, whose rows are copied.
func (s *grown) flows(ctx context.Context) error {
	everybody := s.target.People
	defer func() { s.target.People = everybody }()
	s.target.People = everybody[:1]
	o, err := ops.Named("code")
	if err != nil {
		return err
	}
	do, err := o[0].Prepare(ctx, s.target, 1)
	if err != nil {
		return fmt.Errorf("preparing a sign-in: %w", err)
	}
	return do(ctx)
}

func (b *Bench) fill(ctx context.Context, s *grown, size int) error {
	if err := s.template.FillPeople(ctx, s.Databases.Kratos, s.size+1, size); err != nil {
		return err
	}
	if err := s.template.FillTokens(ctx, s.Databases.Hydra, s.size+1, size); err != nil {
		return err
	}
	s.size = size
	people := make([]side.Person, sample)
	for i := range people {
		people[i] = s.template.Copy(1 + rand.IntN(size)) //nolint:gosec // whom it hits does not matter
	}
	s.target.People = people
	var bytes int64
	for _, database := range []string{s.Databases.Hydra, s.Databases.Kratos} {
		n, err := b.Postgres.Size(ctx, name(database))
		if err != nil {
			return fmt.Errorf("measuring a database: %w", err)
		}
		bytes += n
	}
	b.File.Add(report.Measure{
		Group: report.Growth, Row: "size", Kind: fmt.Sprintf("1e%d", digits(size)), Title: "MB of both databases", Unit: "MB", Exact: true,
	}, s.target.Name, float64(bytes)/1e6)
	b.Log.InfoContext(ctx, "filled", "side", s.target.Name, "people", size, "megabytes", bytes/1e6)
	return nil
}

// name is that of the database in a URL.
func name(database string) string {
	before, _, _ := strings.Cut(path.Base(database), "?")
	return before
}

// scale measures the operations in rounds on sides that run, with the same number of workers everywhere.
func (b *Bench) scale(ctx context.Context, group, kind string, wanted []ops.Operation, all []*started) error {
	for _, o := range wanted {
		lanes := make([]*lane, 0, len(all))
		for _, s := range all {
			l, err := b.warm(ctx, o, s)
			if err != nil {
				return fmt.Errorf("%s at %s: %w", o.Name, s.target.Name, err)
			}
			lanes = append(lanes, l)
		}
		like := report.Measure{Group: group, Row: o.Name, Kind: kind, Title: o.Title, Unit: "1/s", Higher: true}
		for round := range min(b.Rounds, 3) { // the trend is what counts, not the last percent
			for i := range lanes {
				l := lanes[(i+round)%len(lanes)]
				r, err := load.Closed(ctx, l.do, b.Workers, b.Closed)
				if err != nil {
					return fmt.Errorf("%s at %s: %w", o.Name, l.target.Name, err)
				}
				b.File.Add(like, l.target.Name, r.Rate)
			}
		}
	}
	b.Log.InfoContext(ctx, "measured", "group", group, "kind", kind)
	return nil
}
