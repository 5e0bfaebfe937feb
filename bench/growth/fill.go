package growth

import (
	"context"
	"crypto/md5" //nolint:gosec // no secret depends on it
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"example.com/identityd/bench/side"
)

// Template is a person who was made by the API, has signed in, and has taken an application through the code flow.
type Template struct {
	side.Person
}

// Email is the address of the copy of that number.
func (Template) Email(i int) string { return fmt.Sprintf("grown%d@people.example.com", i) }

// Copy is the copy of that number, who has the template's password.
func (t Template) Copy(i int) side.Person {
	sum := md5.Sum([]byte(fmt.Sprintf("%s/%d", t.ID, i))) //nolint:gosec // as the statements derive ids
	h := hex.EncodeToString(sum[:])
	return side.Person{ID: h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], Email: t.Email(i), Password: t.Password}
}

// FillPeople copies the template's rows in Kratos' database, a person and a session each, for all numbers from first to last.
func (t Template) FillPeople(ctx context.Context, database string, first, last int) error {
	return t.fill(ctx, database, people(), first, last)
}

// FillTokens copies the template's rows in Hydra's database, a flow with an access and a refresh token each, for all numbers from first to last.
func (t Template) FillTokens(ctx context.Context, database string, first, last int) error {
	return t.fill(ctx, database, tokens(), first, last)
}

// batch is how many copies are made in one transaction.
const batch = 50_000

func (t Template) fill(ctx context.Context, database string, tables []table, first, last int) error {
	c, err := connect(ctx, database)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the statements decide
	// Foreign keys hold because ids are derived the same way everywhere, and TestFilledRowsAreWhole looks. Asking for each row would take most of the time.
	if _, err := c.Exec(ctx, "SET session_replication_role = replica; SET synchronous_commit = off"); err != nil {
		return fmt.Errorf("preparing to fill: %w", err)
	}
	for _, one := range tables {
		statement, err := one.statement(ctx, c)
		if err != nil {
			return err
		}
		for from := first; from <= last; from += batch {
			tag, err := c.Exec(ctx, statement, pgx.QueryExecModeExec, t.Person.Email, t.ID, from, min(from+batch-1, last))
			if err != nil {
				return fmt.Errorf("filling %s: %w", one.name, err)
			}
			if tag.RowsAffected() < int64(min(from+batch-1, last)-from+1) {
				return fmt.Errorf("filling %s: the template has no row in it: it has to sign in and take the code flow first", one.name)
			}
		}
	}
	names := make([]string, len(tables))
	for i, one := range tables {
		names[i] = one.name
	}
	// What autovacuum would have done by the time that so many rows came by themselves.
	if _, err := c.Exec(ctx, "VACUUM (ANALYZE) "+strings.Join(names, ", ")); err != nil {
		return fmt.Errorf("analyzing what was filled: %w", err)
	}
	return nil
}

func connect(ctx context.Context, database string) (*pgx.Conn, error) {
	c, err := pgx.Connect(ctx, database)
	if err != nil {
		return nil, fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	return c, nil
}

// statement copies all columns there are: what a later version of an engine adds is copied too.
func (t table) statement(ctx context.Context, c *pgx.Conn) (string, error) {
	rows, err := c.Query(ctx, `SELECT column_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position`, t.name)
	if err != nil {
		return "", fmt.Errorf("listing the columns of %s: %w", t.name, err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", fmt.Errorf("listing the columns of %s: %w", t.name, err)
	}
	values := make([]string, len(columns))
	known := 0
	for i, column := range columns {
		values[i] = "t." + column
		if r, changes := t.rules[column]; changes {
			values[i] = fmt.Sprintf(string(r), "t."+column)
			known++
		}
	}
	if known != len(t.rules) {
		return "", fmt.Errorf("filling %s: it has no longer all of the columns that are changed", t.name)
	}
	// PostgreSQL wants to know the type of every parameter, of those too that a table has no use for.
	return fmt.Sprintf("INSERT INTO %[1]s (%[2]s) SELECT %[3]s FROM (SELECT * FROM %[1]s WHERE %[4]s) t, generate_series($3::int, $4::int) i WHERE $1::text || $2::text <> ''",
		t.name, strings.Join(columns, ", "), strings.Join(values, ", "), t.from), nil
}
