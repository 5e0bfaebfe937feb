package bootstrap

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/cockroachdb/cockroach-go/v2/crdb"

	"example.com/identityd/internal/store"
)

// Passwords decides on the password of a user, who may exist already. It is asked right before the user is made, and
// has kept a new password by the time it returns. Without set an existing user keeps the one it has.
type Passwords func(role string, exists bool) (password string, set bool, err error)

// Run brings a server to a plan. open connects as an administrator, to a database by name.
func Run(ctx context.Context, p Plan, open func(database string) (*sql.DB, error), passwords Passwords) (Result, error) {
	r := runner{plan: p, open: open, result: Result{Moved: map[string]int{}}}
	maintenance, err := open("postgres") // both kinds of server have it
	if err != nil {
		return Result{}, err
	}
	defer maintenance.Close()
	if err := r.check(ctx, maintenance); err != nil {
		return Result{}, err
	}
	for _, role := range p.Roles() {
		if err := r.role(ctx, maintenance, role, passwords); err != nil {
			return r.result, fmt.Errorf("making the user %s: %w", role, err)
		}
	}
	leave, err := r.join(ctx, maintenance)
	if err == nil {
		for _, db := range p.Databases {
			if err = r.database(ctx, maintenance, db); err != nil {
				err = fmt.Errorf("making the database %s: %w", db.Name, err)
				break
			}
		}
	}
	return r.result, errors.Join(err, leave())
}

type runner struct {
	plan   Plan
	open   func(database string) (*sql.DB, error)
	result Result
}

// check refuses what would make an administrator the serving user.
func (r *runner) check(ctx context.Context, db *sql.DB) error {
	var me, version string
	if err := db.QueryRowContext(ctx, "SELECT current_user").Scan(&me); err != nil {
		return fmt.Errorf("connecting as administrator: %w", err)
	}
	if err := db.QueryRowContext(ctx, "SELECT version()").Scan(&version); err != nil {
		return fmt.Errorf("asking the server for its version: %w", err)
	}
	if r.result.Server = store.ParseServer(version); r.result.Server.Dialect != r.plan.Dialect {
		return fmt.Errorf("the server is %s, and the URL is for %s; write the other scheme", r.result.Server, r.plan.Dialect)
	}
	for _, role := range r.plan.Roles() {
		if role == me {
			return fmt.Errorf("the administrator %s cannot be one of the users that are made; name others in database.hydra.user "+
				"and database.kratos.user, or another administrator", me)
		}
	}
	return nil
}

// role makes a user, or sets the password of one.
func (r *runner) role(ctx context.Context, db *sql.DB, role string, passwords Passwords) error {
	var super, makesDatabases, makesRoles bool
	err := db.QueryRowContext(ctx, "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = $1", role).
		Scan(&super, &makesDatabases, &makesRoles)
	exists := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if super || makesDatabases || makesRoles {
		r.result.Warnings = append(r.result.Warnings,
			fmt.Sprintf("the user %s existed and may do more than it needs; take SUPERUSER, CREATEDB and CREATEROLE from it", role))
	}
	password, set, err := passwords(role, exists)
	if err != nil {
		return err
	}
	verifier := ""
	if set || !exists {
		if verifier, err = Verifier(password); err != nil {
			return err
		}
	}
	var statements []string
	if !exists {
		statements = append(statements, createRole(r.plan.Dialect, role))
		r.result.CreatedRoles = append(r.result.CreatedRoles, role)
	}
	if verifier != "" {
		statements = append(statements, setPassword(r.plan.Dialect, role, verifier))
		r.result.SetPasswords = append(r.result.SetPasswords, role)
	}
	return r.run(ctx, db, statements)
}

// join makes an administrator who is no superuser a member of the migrating users, for as long as it acts for them.
func (r *runner) join(ctx context.Context, db *sql.DB) (leave func() error, err error) {
	nothing := func() error { return nil }
	if r.plan.Dialect == store.Cockroach {
		return nothing, nil // a member of admin may act for everybody
	}
	var super bool
	if err := db.QueryRowContext(ctx, "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user").Scan(&super); err != nil || super {
		return nothing, err
	}
	var in, out []string
	for _, d := range r.plan.Databases {
		var member bool
		if err := db.QueryRowContext(ctx, "SELECT pg_has_role(current_user, $1, 'USAGE')", d.Migrating).Scan(&member); err != nil {
			return nothing, err
		}
		if !member {
			in = append(in, "GRANT "+name(d.Migrating)+" TO CURRENT_USER")
			out = append(out, "REVOKE "+name(d.Migrating)+" FROM CURRENT_USER")
		}
	}
	if err := r.run(ctx, db, in); err != nil {
		return nothing, fmt.Errorf("acting for the migrating users: %w", err)
	}
	return func() error {
		if err := r.run(context.WithoutCancel(ctx), db, out); err != nil {
			return fmt.Errorf("leaving the migrating users: %w", err)
		}
		return nil
	}, nil
}

func (r *runner) database(ctx context.Context, maintenance *sql.DB, d Database) error {
	var exists bool
	if err := maintenance.QueryRowContext(ctx,
		"SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1)", d.Name).Scan(&exists); err != nil {
		return err
	}
	if !exists {
		// Not in a transaction: PostgreSQL has none for it.
		if _, err := maintenance.ExecContext(ctx, createDatabase(r.plan.Dialect, d.Name)); err != nil {
			return err
		}
		r.result.CreatedDatabases = append(r.result.CreatedDatabases, d.Name)
	}
	if err := r.run(ctx, maintenance, []string{own(d)}); err != nil {
		return err
	}
	db, err := r.open(d.Name)
	if err != nil {
		return err
	}
	defer db.Close()
	moves, err := moves(ctx, db, d)
	if err != nil {
		return err
	}
	if len(moves) > 0 {
		r.result.Moved[d.Name] = len(moves)
	}
	return r.run(ctx, db, append(moves, grants(r.plan.Dialect, d)...))
}

// moves gives tables to the migrating user that somebody else made, such as the one user of an installation that
// had no other. Sequences follow their tables.
func moves(ctx context.Context, db *sql.DB, d Database) ([]string, error) {
	rows, err := db.QueryContext(ctx,
		"SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public' AND tableowner <> $1 ORDER BY tablename", d.Migrating)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		out = append(out, "ALTER TABLE public."+name(table)+" OWNER TO "+name(d.Migrating))
	}
	return out, rows.Err()
}

// run executes statements, all or none where the database can: on CockroachDB each of these commits by itself
// (autocommit_before_ddl), so that they are repeated one by one there.
func (r *runner) run(ctx context.Context, db *sql.DB, statements []string) error {
	if r.plan.Dialect != store.Cockroach {
		return store.Tx(ctx, db, r.plan.Dialect, func(tx *sql.Tx) error { return execute(ctx, tx, statements) })
	}
	const attempts = 8
	for _, s := range statements {
		err := crdb.ExecuteCtx(crdb.WithMaxRetries(ctx, attempts), func(ctx context.Context, _ ...any) error {
			_, err := db.ExecContext(ctx, s)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func execute(ctx context.Context, tx *sql.Tx, statements []string) error {
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
