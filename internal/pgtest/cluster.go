package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// The user of the tests. Its password holds every character that a URL has a meaning for, and an
// escape that must not be undone twice.
const (
	roleName     = "identityd"
	rolePassword = "p?w:d/with@spe#cial%25 &=+chars" //nolint:gosec // of a server that listens on loopback for seconds
	superName    = "postgres"
)

// How long a start, a stop or an admin statement may take on a busy machine.
const patience = 60 * time.Second

// cluster is one data folder and the processes that serve it.
type cluster struct {
	programs
	owner         owner
	dir           string
	port          int
	superPassword string
	watch         *watch

	mu      sync.Mutex
	process *process // nil while stopped
}

func newCluster() (_ *cluster, err error) {
	found, err := find()
	if err != nil {
		return nil, err
	}
	who, err := findOwner()
	if err != nil {
		return nil, err
	}
	c := &cluster{programs: found, owner: who, superPassword: token()}
	// Not t.TempDir: its parents are closed to the user that PostgreSQL runs as.
	if c.dir, err = os.MkdirTemp("", "identityd-pgtest-"); err != nil {
		return nil, fmt.Errorf("making the folder of PostgreSQL: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%w\n%s", err, c.log()), c.close())
		}
	}()
	if c.watch, err = newWatch(c.dir); err != nil {
		return nil, err
	}
	if err = c.initialize(); err != nil {
		return nil, err
	}
	if err = c.startAnywhere(); err != nil {
		return nil, err
	}
	err = run(context.Background(), c.url(superName, c.superPassword).String(),
		fmt.Sprintf("CREATE ROLE %s LOGIN CREATEDB PASSWORD '%s'", roleName, rolePassword))
	return c, err
}

func (c *cluster) initialize() error {
	if err := os.Chmod(c.dir, 0o711); err != nil { //nolint:gosec // the user of PostgreSQL has to pass
		return fmt.Errorf("opening the folder of PostgreSQL: %w", err)
	}
	if err := os.Mkdir(c.data(), 0o700); err != nil {
		return fmt.Errorf("making the folder of PostgreSQL: %w", err)
	}
	password := filepath.Join(c.dir, "password")
	if err := os.WriteFile(password, []byte(c.superPassword), 0o600); err != nil {
		return fmt.Errorf("writing the password of PostgreSQL: %w", err)
	}
	for _, path := range []string{c.data(), password} {
		if err := c.owner.take(path); err != nil {
			return fmt.Errorf("giving %s to the user of PostgreSQL: %w", path, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := c.owner.command(ctx, c.initdb, "--pgdata", c.data(), "--username", superName, "--pwfile", password,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	cmd.Dir = c.data()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running initdb: %w\n%s", err, out)
	}
	return nil
}

// startAnywhere tries a few ports.
func (c *cluster) startAnywhere() error {
	var err error
	for range 5 {
		if c.port, err = port(); err != nil {
			return err
		}
		if err = c.start(); err == nil || !strings.Contains(c.log(), "could not bind") {
			return err
		}
	}
	return err
}

func (c *cluster) start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process != nil {
		return errors.New("it runs already")
	}
	out, err := os.OpenFile(c.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening the log of PostgreSQL: %w", err)
	}
	defer out.Close()
	args := []string{"-D", c.data(), "-p", strconv.Itoa(c.port)}
	for _, setting := range []string{
		"listen_addresses=127.0.0.1",
		"unix_socket_directories=", // a socket's path is limited to 107 bytes, and TMPDIR is not
		"fsync=off",                // nobody reads the folder after a power cut
		"full_page_writes=off",
		"shared_buffers=16MB",
		"max_connections=200",
		"log_line_prefix=%m [%p] ",
	} {
		args = append(args, "-c", setting)
	}
	cmd := c.owner.command(context.Background(), c.postgres, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.data(), out, out
	p, err := startProcess(cmd)
	if err != nil {
		return fmt.Errorf("starting postgres: %w", err)
	}
	if err := c.waitReady(p); err != nil {
		return errors.Join(err, p.stop(Immediate))
	}
	c.process = p
	return nil
}

func (c *cluster) waitReady(p *process) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := run(ctx, c.url(superName, c.superPassword).String())
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("postgres ended while it was starting: %w", p.err)
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w", err)
		case <-tick.C:
		}
	}
}

func (c *cluster) stop(mode Mode) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return nil
	}
	p := c.process
	c.process = nil
	return p.stop(mode)
}

func (c *cluster) freeze() error {
	return c.whileRunning((*process).freeze)
}

func (c *cluster) thaw() error {
	return c.whileRunning((*process).thaw)
}

func (c *cluster) whileRunning(do func(*process) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return errors.New("it does not run")
	}
	return do(c.process)
}

func (c *cluster) close() error {
	var thawed error
	if c.process != nil && c.process.frozen {
		thawed = c.thaw()
	}
	stopped := c.stop(Immediate)
	removed := os.RemoveAll(c.dir)
	if c.watch != nil {
		c.watch.close()
	}
	return errors.Join(thawed, stopped, removed)
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) logFile() string { return filepath.Join(c.dir, "log") }

func (c *cluster) log() string {
	text, err := os.ReadFile(c.logFile())
	if err != nil {
		return "(no log)"
	}
	lines := strings.SplitAfter(string(text), "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "")
}

func (c *cluster) url(user, password string) *url.URL {
	return &url.URL{
		Scheme: "postgres", User: url.UserPassword(user, password), Path: "/",
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		RawQuery: "sslmode=disable",
	}
}

// run connects and runs statements one by one; without any it only looks whether the server answers.
func run(ctx context.Context, dsn string, statements ...string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the statements decide
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("running %q: %w", s, err)
		}
	}
	return nil
}

// token returns random letters that are safe in a name, a password and a URL.
func token() string { return strings.ToLower(rand.Text())[:16] }
