package outage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
)

// engine answers as the engines do: whatever went wrong, the caller was not known.
type engine struct{ db *sql.DB }

func (e engine) known(ctx context.Context, table string) bool {
	var n int
	err := e.db.QueryRowContext(ctx, "SELECT count(*) FROM "+table+" WHERE name = $1", "alice").Scan(&n)
	return err == nil && n > 0
}

func (e engine) token(w http.ResponseWriter, r *http.Request) {
	if !e.known(r.Context(), "clients") {
		respond(w, http.StatusUnauthorized, `{"error":"invalid_client"}`)
		return
	}
	tx, err := e.db.BeginTx(r.Context(), nil)
	if err == nil {
		_, err = tx.ExecContext(r.Context(), "INSERT INTO tokens VALUES ('new')")
		if err == nil {
			err = tx.Commit()
		} else if rolled := tx.Rollback(); rolled != nil {
			err = errors.Join(err, rolled)
		}
	}
	if err != nil {
		respond(w, http.StatusConflict, fmt.Sprintf(`{"error":"error","error_description":%q}`, err))
		return
	}
	respond(w, http.StatusOK, `{"access_token":"x"}`)
}

func (e engine) introspect(w http.ResponseWriter, r *http.Request) {
	respond(w, http.StatusOK, fmt.Sprintf(`{"active":%v}`, e.known(r.Context(), "tokens")))
}

func (e engine) whoami(w http.ResponseWriter, r *http.Request) {
	if !e.known(r.Context(), "sessions") {
		respond(w, http.StatusUnauthorized, `{"error":{"code":401}}`)
		return
	}
	respond(w, http.StatusOK, `{"active":true}`)
}

func (e engine) submit(w http.ResponseWriter, r *http.Request) {
	if !e.known(r.Context(), "sessions") {
		w.Header().Set("Location", "/login?error=wrong+password")
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	w.Header().Set("Set-Cookie", "session=1")
	w.WriteHeader(http.StatusNoContent)
}

func respond(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, body) //nolint:errcheck // a recorder
}

// deadline is what bounds a request in front of the middleware.
func deadline(limit time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func connect(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(sqlseam.PostgresDriver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// database makes one that the user of the tests owns.
func database(t *testing.T, s *pgtest.Server) *sql.DB {
	t.Helper()
	name, _ := s.Databases(t)
	prepare(t, connect(t, s.DatabaseURL("postgres")), "CREATE DATABASE "+name)
	return connect(t, s.DatabaseURL(name))
}

func prepare(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestRealOutages(t *testing.T) {
	s := pgtest.Start(t)
	db := database(t, s)
	db.SetMaxOpenConns(2)
	for _, table := range []string{"clients", "tokens", "sessions"} {
		prepare(t, db, "CREATE TABLE "+table+" (name text)", "INSERT INTO "+table+" VALUES ('alice')")
	}
	e := engine{db}
	endpoints := []struct {
		name   string
		shape  Shape
		h      http.HandlerFunc
		served int
	}{
		{"token", Hydra, e.token, http.StatusOK},
		{"introspection", Hydra, e.introspect, http.StatusOK},
		{"whoami", Kratos, e.whoami, http.StatusOK},
		{"login", Kratos, e.submit, http.StatusNoContent},
	}
	ask := func(t *testing.T, outage bool) {
		t.Helper()
		for _, p := range endpoints {
			want, limit := p.served, 20*time.Second
			if outage {
				want, limit = http.StatusServiceUnavailable, 300*time.Millisecond
			}
			h := deadline(limit, Middleware(p.shape)(p.h))
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/", http.NoBody))
			if rec.Code != want {
				t.Errorf("%s: got %d, want %d: %s", p.name, rec.Code, want, rec.Body)
			}
			for _, key := range []string{"Location", "Set-Cookie"} {
				if got := rec.Header().Get(key); outage && got != "" {
					t.Errorf("%s: got %s: %s", p.name, key, got)
				}
			}
		}
	}
	ask(t, false)
	for _, mode := range []pgtest.Mode{pgtest.Fast, pgtest.Immediate} {
		t.Run("a database that stopped, mode "+string(mode), func(t *testing.T) {
			s.Stop(mode)
			ask(t, true)
			s.Start()
			ask(t, false)
		})
	}
	t.Run("a database that froze", func(t *testing.T) {
		s.Freeze()
		ask(t, true)
		s.Thaw()
		ask(t, false)
	})
	t.Run("a database without a free connection", func(t *testing.T) {
		for range 2 {
			c, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close() //nolint:errcheck // the test is over
		}
		ask(t, true)
	})
	t.Run("a refusal that was read stays one", func(t *testing.T) {
		prepare(t, db, "DELETE FROM clients", "DELETE FROM tokens", "DELETE FROM sessions")
		for i, want := range []int{http.StatusUnauthorized, http.StatusOK, http.StatusUnauthorized, http.StatusSeeOther} {
			rec := httptest.NewRecorder()
			Middleware(endpoints[i].shape)(endpoints[i].h).ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/", http.NoBody))
			if rec.Code != want {
				t.Errorf("%s: got %d, want %d", endpoints[i].name, rec.Code, want)
			}
		}
	})
}

func TestRealConflicts(t *testing.T) {
	db := database(t, pgtest.Shared(t))
	prepare(t, db,
		"CREATE TABLE clients (name text)", "INSERT INTO clients VALUES ('alice')", "CREATE TABLE tokens (name text)",
		// A sequence is not rolled back, so that it counts the failed attempts as well.
		"CREATE SEQUENCE met", "CREATE SEQUENCE wanted MINVALUE 0 START 0",
		`CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF nextval('met') <= (SELECT last_value FROM wanted) THEN
				RAISE EXCEPTION 'restart transaction' USING ERRCODE = '40001';
			END IF;
			RETURN NEW;
		END $$`,
		"CREATE TRIGGER conflict BEFORE INSERT ON tokens FOR EACH ROW EXECUTE FUNCTION conflict()")
	autocommit := func(w http.ResponseWriter, r *http.Request) {
		if _, err := db.ExecContext(r.Context(), "INSERT INTO tokens VALUES ($1)", "new"); err != nil {
			respond(w, http.StatusInternalServerError, err.Error())
			return
		}
		respond(w, http.StatusOK, "{}")
	}
	restarted := func(w http.ResponseWriter, r *http.Request) {
		if err := restart(r.Context(), db); err != nil {
			respond(w, http.StatusConflict, err.Error())
			return
		}
		respond(w, http.StatusOK, "{}")
	}
	tests := []struct {
		name      string
		h         http.HandlerFunc
		conflicts int
		want      int
	}{
		{"a statement that meets none", autocommit, 0, 200},
		{"a statement that meets seven", autocommit, 7, 200},
		{"a statement that meets a hundred", autocommit, 100, 503},
		{"a transaction that nobody runs again", engine{db}.token, 1, 503},
		{"a transaction that is restarted", restarted, 2, 200},
		{"a transaction that is restarted in vain", restarted, 100, 503},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			prepare(t, db, "ALTER SEQUENCE met RESTART", fmt.Sprintf("SELECT setval('wanted', %d)", tt.conflicts))
			rec := httptest.NewRecorder()
			Middleware(Hydra)(tt.h).ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/oauth2/token", http.NoBody))
			if rec.Code != tt.want {
				t.Errorf("got %d, want %d: %s", rec.Code, tt.want, rec.Body)
			}
			if tt.want == http.StatusServiceUnavailable {
				wantOAuth(t, rec.Body.String())
			}
		})
	}
}

// restart is the protocol of cockroach-go's crdb.ExecuteInTx, with fewer attempts.
func restart(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // done after the commit
	if _, err := tx.ExecContext(ctx, "SAVEPOINT cockroach_restart"); err != nil {
		return err
	}
	for range 5 {
		if _, err = tx.ExecContext(ctx, "INSERT INTO tokens VALUES ($1)", "new"); err == nil {
			if _, err := tx.ExecContext(ctx, "RELEASE SAVEPOINT cockroach_restart"); err != nil {
				return err
			}
			return tx.Commit()
		}
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT cockroach_restart"); err != nil {
			return err
		}
	}
	return err
}
