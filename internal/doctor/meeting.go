package doctor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

// Meeting is one of the two databases.
type Meeting struct {
	// Engine is hydra or kratos.
	Engine string
	DSN    store.DSN
	// DB only reads; nil where Err says why not.
	DB  *sql.DB
	Err error
	// Tables says that identityd has served from it.
	Tables bool
}

// Word is the word of stack.yaml that says where the database is.
func (m *Meeting) Word(s *Subject) string {
	own := s.Config.Database.Hydra
	if m.Engine == "kratos" {
		own = s.Config.Database.Kratos
	}
	if !own.URL.Empty() {
		return "database." + m.Engine + ".url"
	}
	return "database.url"
}

// NotMadeError is a database of SQLite that nobody has made yet.
type NotMadeError struct{ File string }

// Error implements error.
func (e *NotMadeError) Error() string { return "there is no " + e.File + " yet" }

// Databases returns both databases. They are met once, whoever asks first, in the same time as a check has.
func (s *Subject) Databases(ctx context.Context) []*Meeting {
	s.meeting.Do(func() {
		sqlseam.Register()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limit)
		defer cancel()
		hydra, kratos, err := store.Resolve(s.Settings)
		s.databases = []*Meeting{{Engine: "hydra", DSN: hydra, Err: err}, {Engine: "kratos", DSN: kratos, Err: err}}
		if err != nil {
			return
		}
		var both sync.WaitGroup
		for _, m := range s.databases {
			both.Go(func() { m.meet(ctx) })
		}
		both.Wait()
	})
	return s.databases
}

// Kratos returns the database that identityd's own tables are in too.
func (s *Subject) Kratos(ctx context.Context) *Meeting { return s.Databases(ctx)[1] }

// Hydra returns the other one.
func (s *Subject) Hydra(ctx context.Context) *Meeting { return s.Databases(ctx)[0] }

func (m *Meeting) meet(ctx context.Context) {
	if m.Err = m.open(); m.Err != nil {
		return
	}
	done := make(chan error, 1) // a driver need not listen to ctx
	go func() { done <- m.DB.PingContext(ctx) }()
	select {
	case m.Err = <-done:
	case <-ctx.Done():
		m.Err = context.DeadlineExceeded
	}
	if m.Err != nil {
		return
	}
	own, err := store.ReadSchema(ctx, m.DB, m.DSN.Dialect())
	m.Tables = err == nil && own.Version > 0
	if m.Engine == "hydra" { // ours are in the other one
		var n int
		m.Tables = m.DB.QueryRowContext(ctx, "SELECT count(*) FROM networks").Scan(&n) == nil
	}
	if m.DSN.Dialect() == store.SQLite && err != nil && ctx.Err() == nil {
		m.Err = err
	}
}

func (m *Meeting) open() error {
	if m.DSN.Memory() {
		return errors.New("a database in memory belongs to the process that serves it")
	}
	if m.DSN.Dialect() == store.SQLite {
		if _, err := os.Stat(m.DSN.File()); errors.Is(err, fs.ErrNotExist) {
			return &NotMadeError{m.DSN.File()}
		}
	}
	db, err := store.OpenReadOnly(m.DSN)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(2) // a server that is full has to have room for them
	db.SetConnMaxIdleTime(time.Second)
	m.DB = db
	return nil
}

// remoteDatabase reports a database on another machine.
func (s *Subject) remoteDatabase() bool {
	for _, m := range s.Databases(context.Background()) {
		if m.remote() {
			return true
		}
	}
	return false
}

// remote reports a server on another machine: neither a socket nor the loopback.
func (m *Meeting) remote() bool {
	if m.DSN.Dialect() == store.SQLite {
		return false
	}
	u, err := url.Parse(m.DSN.Reveal())
	if err != nil {
		return false
	}
	host := u.Hostname()
	if h := u.Query().Get("host"); h != "" {
		host = h
	}
	if host == "" || strings.HasPrefix(host, "/") || host == "localhost" {
		return false
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback()
}

// at names where the server of a database is, without user and password.
func (m *Meeting) at() string {
	if m.DSN.Dialect() == store.SQLite {
		return m.DSN.File()
	}
	u, err := url.Parse(m.DSN.Reveal())
	if err != nil {
		return "the server"
	}
	return fmt.Sprintf("%s at %s", m.DSN.Name(), u.Host)
}
