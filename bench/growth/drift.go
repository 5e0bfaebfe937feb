package growth

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Grown returns the tables of a database in which do made rows, other than those that are filled. What the API writes there is what filling leaves out.
func Grown(ctx context.Context, database string, do func() error) ([]string, error) {
	before, err := counts(ctx, database)
	if err != nil {
		return nil, err
	}
	if err := do(); err != nil {
		return nil, err
	}
	after, err := counts(ctx, database)
	if err != nil {
		return nil, err
	}
	filled := map[string]bool{}
	for _, t := range append(people(), tokens()...) {
		filled[t.name] = true
	}
	var grown []string
	for name, n := range after {
		if n > before[name] && !filled[name] {
			grown = append(grown, name)
		}
	}
	slices.Sort(grown)
	return grown, nil
}

// counts are the rows of every table.
func counts(ctx context.Context, database string) (map[string]int64, error) {
	c, err := connect(ctx, database)
	if err != nil {
		return nil, err
	}
	defer c.Close(context.WithoutCancel(ctx)) //nolint:errcheck // only read
	rows, err := c.Query(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'")
	if err != nil {
		return nil, fmt.Errorf("listing tables: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("listing tables: %w", err)
	}
	out := make(map[string]int64, len(names))
	for _, name := range names {
		var n int64
		if err := c.QueryRow(ctx, "SELECT count(*) FROM "+pgx.Identifier{name}.Sanitize()).Scan(&n); err != nil {
			return nil, fmt.Errorf("counting %s: %w", name, err)
		}
		out[name] = n
	}
	return out, nil
}
