package growth

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Orphans returns the foreign keys of a database that do not hold, which filling goes around.
func Orphans(ctx context.Context, database string) ([]string, error) {
	c, err := connect(ctx, database)
	if err != nil {
		return nil, err
	}
	defer c.Close(context.WithoutCancel(ctx)) //nolint:errcheck // only read
	rows, err := c.Query(ctx, `SELECT k.conname, k.conrelid::regclass::text, k.confrelid::regclass::text,
			string_agg(format('a.%I = b.%I', ca.attname, cb.attname), ' AND '), string_agg(format('a.%I IS NOT NULL', ca.attname), ' AND ')
		FROM pg_constraint k, unnest(k.conkey, k.confkey) AS x(a, b)
		JOIN pg_attribute ca ON true JOIN pg_attribute cb ON true
		WHERE k.contype = 'f' AND ca.attrelid = k.conrelid AND ca.attnum = x.a AND cb.attrelid = k.confrelid AND cb.attnum = x.b
		GROUP BY 1, 2, 3 ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("listing foreign keys: %w", err)
	}
	type key struct{ Name, Child, Parent, Same, Set string }
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[key])
	if err != nil {
		return nil, fmt.Errorf("listing foreign keys: %w", err)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("listing foreign keys: there are none, which is not a database of an engine")
	}
	var broken []string
	for _, k := range keys {
		var n int64
		q := fmt.Sprintf("SELECT count(*) FROM %s a WHERE %s AND NOT EXISTS (SELECT 1 FROM %s b WHERE %s)", k.Child, k.Set, k.Parent, k.Same)
		if err := c.QueryRow(ctx, q).Scan(&n); err != nil {
			return nil, fmt.Errorf("checking %s: %w", k.Name, err)
		}
		if n > 0 {
			broken = append(broken, fmt.Sprintf("%s: %d rows of %s", k.Name, n, k.Child))
		}
	}
	return broken, nil
}
