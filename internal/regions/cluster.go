package regions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"example.com/identityd/internal/sqlseam"
)

// Cluster is what planning and applying need of CockroachDB.
type Cluster interface {
	// Read returns what the cluster says of both databases.
	Read(ctx context.Context) (State, error)
	// Running returns the schema changes of both databases that have not ended.
	Running(ctx context.Context) ([]Job, error)
	// Exec runs one statement and returns when the job that it makes has ended.
	Exec(ctx context.Context, s Step) error
}

// Member is the database of one engine.
type Member struct {
	// Engine is hydra or kratos.
	Engine string
	DB     *sql.DB
}

// Open returns a cluster over pools to the two databases. Everything is read with SHOW, which stays
// allowed where crdb_internal is closed (its default since v26.1).
func Open(members ...Member) Cluster { return sqlCluster(members) }

type sqlCluster []Member

// Read implements Cluster.
func (c sqlCluster) Read(ctx context.Context) (State, error) {
	var s State
	for i, m := range c {
		if i == 0 {
			var err error
			if s.Cluster, err = names(ctx, m.DB, "SELECT region FROM [SHOW REGIONS FROM CLUSTER] ORDER BY region"); err != nil {
				return State{}, fmt.Errorf("reading the regions of the cluster: %w", settleFirst(err))
			}
		}
		db, err := read(ctx, m)
		if err != nil {
			return State{}, fmt.Errorf("reading the regions of the %s database: %w", m.Engine, settleFirst(err))
		}
		s.Databases = append(s.Databases, db)
	}
	return s, nil
}

func read(ctx context.Context, m Member) (Database, error) {
	db := Database{Engine: m.Engine}
	if err := m.DB.QueryRowContext(ctx, "SELECT current_database()").Scan(&db.Name); err != nil {
		return db, err
	}
	err := each(ctx, m.DB, `SELECT region, "primary" FROM [SHOW REGIONS FROM DATABASE `+quote(db.Name)+`] ORDER BY region`,
		func(rows *sql.Rows) error {
			var (
				region  string
				primary bool
			)
			if err := rows.Scan(&region, &primary); err != nil {
				return err
			}
			db.Regions = append(db.Regions, region)
			if primary {
				db.Primary = region
			}
			return nil
		})
	if err != nil {
		return db, err
	}
	var survive sql.NullString
	err = m.DB.QueryRowContext(ctx, "SELECT survival_goal FROM [SHOW SURVIVAL GOAL FROM DATABASE "+quote(db.Name)+"]").Scan(&survive)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return db, err
	}
	db.Survive = survive.String
	if err := tables(ctx, m.DB, &db); err != nil {
		return db, err
	}
	return db, nil
}

func tables(ctx context.Context, pool *sql.DB, db *Database) error {
	from := " FROM [SHOW TABLES FROM " + quote(db.Name) + "] WHERE schema_name = 'public' AND type = 'table' ORDER BY table_name"
	at := map[string]int{}
	err := each(ctx, pool, "SELECT table_name, locality"+from, func(rows *sql.Rows) error {
		var (
			t        Table
			locality sql.NullString
		)
		if err := rows.Scan(&t.Name, &locality); err != nil {
			return err
		}
		t.Locality = Locality(locality.String)
		at[t.Name] = len(db.Tables)
		db.Tables = append(db.Tables, t)
		return nil
	})
	if err != nil {
		return err
	}
	err = each(ctx, pool, "SELECT table_name, estimated_row_count"+from, func(rows *sql.Rows) error {
		var (
			name string
			n    sql.NullInt64
		)
		if err := rows.Scan(&name, &n); err != nil {
			return err
		}
		if i, ok := at[name]; ok {
			db.Tables[i].Rows = n.Int64
		}
		return nil
	})
	// The column is absent where sql.show_tables.estimated_row_count.enabled is off.
	if err != nil && sqlState(err) != stateUndefinedField {
		return err
	}
	return nil
}

// Running implements Cluster. Without VIEWJOB a user sees the jobs of its own only, which are those that
// an apply of its own left behind.
func (c sqlCluster) Running(ctx context.Context) ([]Job, error) {
	var (
		databases []string
		out       []Job
	)
	for _, m := range c {
		name, err := names(ctx, m.DB, "SELECT current_database()")
		if err != nil {
			return nil, fmt.Errorf("reading schema changes: %w", err)
		}
		databases = append(databases, name...)
	}
	// The collection of what a change left behind waits for a day and holds nobody up: it has a type of its own.
	err := each(ctx, c[0].DB, "SELECT job_id, status, description, fraction_completed FROM [SHOW JOBS]"+
		" WHERE job_type IN ('SCHEMA CHANGE', 'NEW SCHEMA CHANGE', 'TYPEDESC SCHEMA CHANGE')"+
		" AND status NOT IN ('succeeded', 'failed', 'canceled', 'revert-failed') ORDER BY job_id",
		func(rows *sql.Rows) error {
			var (
				j           Job
				description sql.NullString
				fraction    sql.NullFloat64
			)
			if err := rows.Scan(&j.ID, &j.Status, &description, &fraction); err != nil {
				return err
			}
			j.Description, j.Fraction = description.String, fraction.Float64
			if j.concerns(databases) {
				out = append(out, j)
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("reading schema changes: %w", settleFirst(err))
	}
	return out, nil
}

// Exec implements Cluster.
func (c sqlCluster) Exec(ctx context.Context, s Step) error {
	for _, m := range c {
		if m.Engine != s.Engine {
			continue
		}
		conn, err := m.DB.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close() //nolint:errcheck // it only returns to the pool
		// The pool's limit is for requests of people; a schema change takes as long as it takes.
		if _, err := conn.ExecContext(ctx, "SET statement_timeout = 0"); err != nil {
			return err
		}
		_, err = conn.ExecContext(ctx, s.SQL)
		return err
	}
	return fmt.Errorf("no database of %s is open", s.Engine)
}

func names(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	var out []string
	err := each(ctx, db, query, func(rows *sql.Rows) error {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		out = append(out, name)
		return nil
	})
	return out, err
}

func each(ctx context.Context, db *sql.DB, query string, row func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// away reports an error after which the statement may have run, or run on.
func away(err error) bool {
	return sqlseam.Classify(err) != sqlseam.Answer && !strings.HasPrefix(sqlState(err), "XXC")
}
