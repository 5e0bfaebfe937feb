package footprint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"example.com/identityd/bench/postgres"
	"example.com/identityd/bench/side"
)

// Value is one thing that was measured once.
type Value struct {
	// Row is what was done (first_sqlite, warm_postgres, idle, files), Kind what of it was measured, and Title says both to people.
	Row, Kind, Title, Unit string
	// Side is the name of the side.
	Side  string
	Value float64
	// Exact is set where there is no noise.
	Exact bool
}

// Config says what to measure on, and how often.
type Config struct {
	Sides    []side.Side
	Postgres *postgres.Server
	// Dir is for the files of the sides.
	Dir string
	// Rounds is how often each start is repeated.
	Rounds int
	// Idle is how long nobody asks anything before memory is read.
	Idle time.Duration
	Log  *slog.Logger
	// Put takes each value.
	Put func(Value)
}

// start is one way to start a side.
type start struct {
	row, title string
	postgres   bool
	warm       bool
}

func starts() []start {
	return []start{
		{row: "first_sqlite", title: "first start on an empty SQLite"},
		{row: "first_postgres", title: "first start on an empty PostgreSQL", postgres: true},
		{row: "warm_sqlite", title: "warm start on SQLite", warm: true},
		{row: "warm_postgres", title: "warm start on PostgreSQL", postgres: true, warm: true},
	}
}

// Measure measures sizes, starts and idle memory. Sides take turns, and who is first changes from round to round.
func Measure(ctx context.Context, c Config) error {
	for _, s := range c.Sides {
		if err := c.sizes(s); err != nil {
			return fmt.Errorf("measuring the files of %s: %w", s.Name(), err)
		}
	}
	for round := range c.Rounds {
		for i := range c.Sides {
			s := c.Sides[(i+round)%len(c.Sides)]
			if err := c.round(ctx, s, round); err != nil {
				return fmt.Errorf("starting %s: %w", s.Name(), err)
			}
		}
		c.Log.InfoContext(ctx, "starts measured", "round", round+1, "of", c.Rounds)
	}
	return nil
}

// round starts a side on nothing and once more on what it left, on both kinds of databases. What runs on PostgreSQL is left alone for a while then.
func (c Config) round(ctx context.Context, s side.Side, round int) error {
	for _, kind := range starts() {
		o := side.Options{Dir: filepath.Join(c.Dir, fmt.Sprintf("footprint-%s-%d-%t", s.Name(), round, kind.postgres))}
		if kind.postgres {
			hydra, kratos := "footprint_hydra_"+s.Name(), "footprint_kratos_"+s.Name()
			o.Databases = side.Databases{Hydra: c.Postgres.URL(hydra), Kratos: c.Postgres.URL(kratos)}
			if !kind.warm {
				if err := c.Postgres.Recreate(ctx, hydra, kratos); err != nil {
					return err
				}
			}
		}
		if err := c.once(ctx, s, o, kind); err != nil {
			return fmt.Errorf("%s: %w", kind.title, err)
		}
	}
	return nil
}

func (c Config) once(ctx context.Context, s side.Side, o side.Options, kind start) (err error) {
	r, err := s.Start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Stop()) }()
	put := func(kindOf, what, unit string, v float64) {
		c.Put(Value{Row: kind.row, Kind: kindOf, Title: kind.title + what, Unit: unit, Side: s.Name(), Value: v})
	}
	put("ready", "", "s", r.Ready.Seconds())
	put("cpu", ", CPU", "s", r.CPU.Seconds())
	if !kind.warm {
		signing, err := ableToSign(ctx, r)
		if err != nil {
			return err
		}
		put("signing", ", until it can sign", "s", (r.Ready + signing).Seconds())
	}
	if !kind.postgres || !kind.warm {
		return nil
	}
	return c.idle(ctx, r)
}

// ableToSign is how long it takes until the public keys are there. Hydra makes its keys when somebody asks for them first, unless somebody did that for it.
func ableToSign(ctx context.Context, r *side.Running) (time.Duration, error) {
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	client := &http.Client{Transport: r.Transport(base), Timeout: time.Minute}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.OAuth2+"/.well-known/jwks.json", http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("asking for keys: %w", err)
	}
	begin := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("asking for keys: %w", err)
	}
	defer resp.Body.Close()
	var keys struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&keys); err != nil {
		return 0, fmt.Errorf("asking for keys: got %s: %w", resp.Status, err)
	}
	if len(keys.Keys) == 0 {
		return 0, fmt.Errorf("asking for keys: got %s and none", resp.Status)
	}
	return time.Since(begin), nil
}
