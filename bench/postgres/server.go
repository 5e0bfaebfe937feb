package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// How long a start, a stop or a statement may take on a busy machine.
const patience = 60 * time.Second

const superuser = "bench"

// Settings say how the server is run.
type Settings struct {
	// Volatile gives up what PostgreSQL promises after a power cut, so that the disk is not part of the measurement.
	Volatile bool
	// Extra are further settings, as name=value.
	Extra []string
}

// Server is a running PostgreSQL.
type Server struct {
	// Version is what it says of itself.
	Version string
	// Settings are those it was started with.
	Settings []string

	dir, password string
	port          int
	cmd           *exec.Cmd
	done          chan struct{}
}

// Start makes a server in a new temporary folder. Close ends and removes it.
func Start(ctx context.Context, s Settings) (_ *Server, err error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	who, err := unprivileged()
	if err != nil {
		return nil, err
	}
	p := &Server{password: strings.ToLower(rand.Text()), Settings: s.list()}
	if p.dir, err = os.MkdirTemp("", "identityd-bench-pg-"); err != nil {
		return nil, fmt.Errorf("making the folder of PostgreSQL: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if err := p.initialize(ctx, bin, who); err != nil {
		return nil, err
	}
	if err := p.start(ctx, bin, who); err != nil {
		return nil, err
	}
	return p, p.prepare(ctx)
}

func (s Settings) list() []string {
	out := []string{
		"listen_addresses=127.0.0.1",
		"unix_socket_directories=", // a socket's path is limited to 107 bytes, and TMPDIR is not
		"max_connections=300",
		"shared_buffers=256MB", // an eighth of a small machine; upstream's 128 MB hold no million people
		"shared_preload_libraries=pg_stat_statements",
		"pg_stat_statements.max=10000",
		"max_wal_size=4GB", // no checkpoint in the middle of a round
	}
	if s.Volatile {
		out = append(out, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	return append(out, s.Extra...)
}

func (p *Server) initialize(ctx context.Context, bin string, who *syscall.Credential) error {
	if err := os.Chmod(p.dir, 0o711); err != nil { //nolint:gosec // the user of PostgreSQL has to pass
		return fmt.Errorf("opening the folder of PostgreSQL: %w", err)
	}
	secret := filepath.Join(p.dir, "password")
	if err := os.WriteFile(secret, []byte(p.password), 0o600); err != nil {
		return fmt.Errorf("writing the password of PostgreSQL: %w", err)
	}
	if err := os.Mkdir(p.data(), 0o700); err != nil {
		return fmt.Errorf("making the folder of PostgreSQL: %w", err)
	}
	for _, path := range []string{p.data(), secret} {
		if who == nil {
			break
		}
		if err := os.Chown(path, int(who.Uid), int(who.Gid)); err != nil {
			return fmt.Errorf("giving %s to the user of PostgreSQL: %w", path, err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := p.command(ctx, who, filepath.Join(bin, "initdb"), "--pgdata", p.data(), "--username", superuser, "--pwfile", secret,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running initdb: %w\n%s", err, out)
	}
	return nil
}

func (p *Server) command(ctx context.Context, who *syscall.Credential, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = p.data()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	// A bench that is killed leaves no server behind.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGQUIT}
	return cmd
}

// start tries a few ports: PostgreSQL cannot listen on port 0.
func (p *Server) start(ctx context.Context, bin string, who *syscall.Credential) error {
	var err error
	for range 5 {
		if err = p.startOnce(ctx, bin, who); err == nil || !strings.Contains(p.Log(), "could not bind") {
			return err
		}
	}
	return err
}

func (p *Server) startOnce(ctx context.Context, bin string, who *syscall.Credential) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("looking for a free port: %w", err)
	}
	p.port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	out, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening the log of PostgreSQL: %w", err)
	}
	defer out.Close()
	args := []string{"-D", p.data(), "-p", strconv.Itoa(p.port)}
	for _, one := range p.Settings {
		args = append(args, "-c", one)
	}
	// Not the caller's context: a server that is killed leaves shared memory behind.
	p.cmd = p.command(context.WithoutCancel(ctx), who, filepath.Join(bin, "postgres"), args...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("starting postgres: %w", err)
	}
	p.done = make(chan struct{})
	go func() {
		p.cmd.Wait() //nolint:errcheck // its log says why
		close(p.done)
	}()
	return p.waitReady(ctx)
}

func (p *Server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, p.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-p.done:
			return fmt.Errorf("postgres ended while it was starting:\n%s", p.Log())
		case <-ctx.Done():
			return fmt.Errorf("waiting for postgres: %w\n%s", err, p.Log())
		case <-tick.C:
		}
	}
}

// URL is that of a database.
func (p *Server) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, p.password), Path: "/" + database,
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)),
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// PID is that of the parent of all its processes.
func (p *Server) PID() int { return p.cmd.Process.Pid }

// Log is the end of its log.
func (p *Server) Log() string {
	text, err := os.ReadFile(filepath.Join(p.dir, "log"))
	if err != nil {
		return "(no log)"
	}
	lines := strings.SplitAfter(string(text), "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "")
}

// Close ends it and removes its folder.
func (p *Server) Close() error {
	if p.done != nil {
		if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stopping postgres: %w", err)
		}
		select {
		case <-p.done:
		case <-time.After(patience):
			return errors.Join(errors.New("postgres does not stop"), p.cmd.Process.Signal(syscall.SIGQUIT))
		}
	}
	if err := os.RemoveAll(p.dir); err != nil {
		return fmt.Errorf("removing the folder of PostgreSQL: %w", err)
	}
	return nil
}

func (p *Server) data() string { return filepath.Join(p.dir, "data") }
