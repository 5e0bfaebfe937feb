package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/crossorigin"
	"example.com/identityd/internal/logging"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/packed"
	"example.com/identityd/internal/secrets"
	"example.com/identityd/internal/socket"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/supervisor"
)

// Inside is what the control socket of a serving process offers, for a command where none serves: both
// engines on their databases, behind the same doors, with no listener.
type Inside struct {
	stack *Stack
	pair  *pair
	owned *store.Owned
	door  *ory.Transport
}

// commandGrace bounds what a command waits for at its end: messages that are under way to applications.
const commandGrace = 20 * time.Second

// OpenInside opens both databases as serve does, but for what changes them: it makes none, migrates
// nothing, and leaves alone what the file declares. SQLite files are owned until Close.
func OpenInside(ctx context.Context, cfg config.Config, opts Options) (*Inside, error) {
	s, err := unserved(ctx, cfg, opts)
	if err != nil {
		return nil, err
	}
	i := &Inside{stack: s, door: s.transport("identityd")}
	if i.owned, err = s.own(); err != nil {
		return nil, err
	}
	if err := i.open(ctx); err != nil {
		s.disown(ctx, i.owned)
		return nil, err
	}
	return i, nil
}

// unserved is a Stack that will never listen.
func unserved(ctx context.Context, cfg config.Config, opts Options) (*Stack, error) {
	if err := ory.DropEnvironment(); err != nil {
		return nil, err
	}
	for _, check := range []func(config.Config) error{installed, withSecrets} {
		if err := check(cfg); err != nil {
			return nil, err
		}
	}
	cfg.Database.Migrate = config.MigrateWait
	if cfg.Database.WaitTimeout == 0 {
		cfg.Database.WaitTimeout = commandWait
	}
	s := &Stack{
		cfg: cfg, opts: opts, log: logging.AtLeast(opts.Log, slog.LevelWarn),
		readiness: supervisor.NewReadiness("starting"),
		gates:     map[string]*supervisor.Gate{},
		metrics:   newMetrics(opts.Version),
		memory:    newMemory(cfg.Tokens),
		refusals:  crossorigin.NewRefusals(opts.Log, preflightRefused),
		documents: packed.NewDocuments(publicDocuments()...),
		began:     time.Now(),
		clients:   clientsBehind(cfg.Proxy),
		urls:      writtenURLs(cfg),
		caller:    "command",
	}
	s.tracing = ory.NewTracing(s.watch())
	if err := s.checkModes(ctx); err != nil {
		return nil, err
	}
	var err error
	if s.claims, err = compileClaims(cfg.Claims, s.log); err != nil {
		return nil, err
	}
	if s.texts, err = offer(cfg.UI); err != nil {
		return nil, err
	}
	s.codes = newCodes()
	if s.plain, err = plainPages(cfg.UI, s.texts); err != nil {
		return nil, err
	}
	if err = s.openOutbound(ctx); err != nil {
		return nil, err
	}
	s.keys, err = resolveKeys(ctx, cfg, s.log)
	return s, err
}

// installed refuses to make an installation: a command that lists clients in a wrong folder would.
func installed(cfg config.Config) error {
	hydra, kratos, err := store.Resolve(storeSettings(cfg.Database, cfg.Region))
	if err != nil {
		return err
	}
	for _, dsn := range []store.DSN{hydra, kratos} {
		if dsn.Memory() {
			return errors.New("a database in memory belongs to the process that serves it, and no command can reach it")
		}
		if dsn.Dialect() != store.SQLite {
			continue
		}
		if _, err := os.Stat(dsn.File()); err != nil {
			return fmt.Errorf("there is no installation in %s; name its file with --config, one that runs elsewhere with "+
				"--endpoint, or make one with identityd serve", filepath.Dir(dsn.File()))
		}
	}
	return nil
}

// withSecrets refuses to make secrets: nothing would open what others sealed.
func withSecrets(cfg config.Config) error {
	if len(cfg.Secrets.System) > 0 && len(cfg.Secrets.Cookie) > 0 && len(cfg.Secrets.Cipher) > 0 {
		return nil
	}
	made := filepath.Join(cfg.DataDir, secrets.FileName)
	if _, err := os.Stat(made); err != nil {
		return fmt.Errorf("the secrets of this installation are not in %s: %w; name its data_dir, or its file with --config", cfg.DataDir, err)
	}
	return nil
}

// writtenURLs are those that a serving process would have. Where that takes the port that the system gave it,
// nobody can know them.
func writtenURLs(cfg config.Config) URLs {
	l := cfg.Listen
	u, err := urls(cfg, []*listener{
		{name: "gateway", address: l.Gateway},
		{name: "ui", address: l.UI},
		{name: "hydra_public", address: l.HydraPublic},
		{name: "kratos_public", address: l.KratosPublic},
	})
	if err != nil {
		return unservedURLs(cfg)
	}
	return u
}

func (i *Inside) open(ctx context.Context) (err error) {
	s := i.stack
	if err := await(ctx, func() (err error) { i.pair, err = s.open(ctx); return err }); err != nil {
		return err
	}
	p := i.pair
	defer func() {
		if err != nil {
			s.close(ctx, p)
		}
	}()
	l, err := s.lookAt(ctx, p.engines)
	if err == nil {
		err = l.guard(s.opts.Version)
	}
	if err != nil {
		return err
	}
	if l.pending() > 0 {
		return fmt.Errorf("%s; run identityd migrate", l.lacks())
	}
	if err := s.sameInstallation(ctx, p.turns); err != nil {
		return err
	}
	// The lease because the tenant's row and the keys are made where they are missing.
	if err := p.turns.alone(ctx, leaseStart, func(ctx context.Context) error { return s.startPair(ctx, p) }); err != nil {
		return err
	}
	s.pair.Store(p)
	for _, name := range []string{"hydra_admin", "kratos_admin"} {
		s.gates[name] = supervisor.NewGate(s.readiness, "/admin")
		s.gates[name].Open(s.through(name))
	}
	s.readiness.Ready()
	i.door.Serve(s.insideFront(ctx))
	return nil
}

// insideFront is the front of the control socket, for one caller: this process. A command that only reads
// leaves no trace in the audit trail, not even of having been there.
func (s *Stack) insideFront(ctx context.Context) http.Handler {
	next := s.front(&listener{name: controlName, admin: true}, s.control())
	who := socket.Peer(os.Geteuid()).String()
	record := sync.OnceFunc(func() { s.trail.Load().Open(ctx) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			record()
		}
		r.RemoteAddr = who // no address: nothing came over a network
		next.ServeHTTP(w, r)
	})
}

// Transport sends requests for control.Base and below, as that of a control.Client does.
func (i *Inside) Transport() http.RoundTripper { return i.door }

// Close finishes what is under way, and closes and gives back the databases.
func (i *Inside) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandGrace)
	defer cancel()
	i.pair.offboarding.Handed(ctx)
	i.pair.signouts.Finish(ctx)
	i.stack.close(ctx, i.pair)
	i.stack.disown(ctx, i.owned)
}
