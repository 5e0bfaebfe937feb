package stack

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"example.com/identityd/internal/adminguard"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/logging"
	"example.com/identityd/internal/reload"
	"example.com/identityd/internal/sqlseam"
)

// reloading watches the files of the configuration, where the options say how to read it again. A signal
// (SIGHUP) asks for a look at once, and so does identityd reload.
func (s *Stack) reloading(hangups <-chan os.Signal) func(context.Context) error {
	if s.opts.Reload == nil {
		return func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		}
	}
	return func(ctx context.Context) error { return s.reload(ctx, hangups) }
}

// hangups are the signals that ask for a look. One that nobody waits for ends a process, so that they are waited
// for from before anybody can know that there is one.
func (s *Stack) hangups() (<-chan os.Signal, func()) {
	if s.opts.Reload == nil {
		return nil, func() {}
	}
	out := make(chan os.Signal, 1)
	signal.Notify(out, syscall.SIGHUP)
	return out, func() { signal.Stop(out) }
}

func (s *Stack) reload(ctx context.Context, hangups <-chan os.Signal) error {
	r := reload.New(s.cfg, reload.Config[config.Config]{
		Log: s.log, Load: s.opts.Reload,
		Fingerprints: fingerprints, Files: watched, Digest: config.Digest,
		Merge:   config.Config.Taking,
		Targets: s.targets(), Asks: s.asks,
		Why:   func(word string) string { _, why := ReloadOf(word); return why },
		Taken: s.took, Told: s.told,
	})
	select {
	case <-ctx.Done():
		return nil
	case <-s.booted: // there is nothing to change before
	}
	stop := s.aside(ctx, func(ctx context.Context) {
		reply := make(chan reload.Report, 1)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
			}
			select {
			case <-ctx.Done():
				return
			case s.asks <- reload.Ask{Reason: "a signal asked for it", Reply: reply}:
			}
			s.opts.Manager.Reloading(ctx)
			select {
			case <-ctx.Done():
				return
			case <-reply:
			}
			s.opts.Manager.Ready(ctx, s.stands(ctx))
		}
	})
	defer stop()
	return r.Run(ctx)
}

// watched are the files of a configuration, and that of the secrets which are in none.
func watched(c config.Config) []string { return append(c.Files(), madeSecrets(c)...) }

func fingerprints(c config.Config) map[string]string {
	out := c.Fingerprints()
	if made := madeSecrets(c); len(made) > 0 {
		out["secrets.file"] += config.Digest(made)
	}
	return out
}

// madeSecrets is the file that identityd made, where it is the source of secrets.
func madeSecrets(c config.Config) []string {
	if len(c.Secrets.System) > 0 && len(c.Secrets.Cookie) > 0 && len(c.Secrets.Cipher) > 0 {
		return nil
	}
	return []string{SecretsPath(c)}
}

// targets are the words that change without a restart, those last that take long. A part that can do so adds a
// row, here and in reloadTable.
func (s *Stack) targets() []reload.Target[config.Config] {
	out := []reload.Target[config.Config]{
		{Words: []string{"admin.token_file"}, Prepare: s.prepareTokens},
		// Each pair of files is looked at by itself (internal/certs).
		{Words: []string{"tls."}, Prepare: func(_ context.Context, c config.Config, _ []string) (reload.Change, error) {
			if c.TLS != s.cfg.TLS {
				return reload.Change{}, &reload.RestartError{Reason: "listeners have their certificates from the files that were named at the start"}
			}
			return reload.Change{Apply: func() {}}, nil
		}},
		{Words: []string{"limits."}, Prepare: s.prepareLimits},
		// Whoever needs these asks for them each time.
		{Words: []string{"janitor.", "audit."}, Prepare: s.prepareTrail},
		{Words: limitWords(), Prepare: s.prepareThrottle},
		{Words: []string{"hooks"}, Prepare: s.prepareHooks},
		{Words: []string{"tracing."}, Prepare: s.prepareTracing},
		{Words: slices.Concat(pageWords(), engineWords(), []string{"clients"}), Prepare: s.prepareEngines},
		{Words: declaredWords(), Prepare: s.prepareDeclared},
	}
	if s.opts.Level != nil {
		out = append([]reload.Target[config.Config]{{Words: []string{"logging.level"}, Prepare: s.prepareLevel}}, out...)
	}
	return out
}

func (s *Stack) prepareLevel(_ context.Context, c config.Config, _ []string) (reload.Change, error) {
	level, err := logging.ParseLevel(string(c.Logging.Level))
	if err != nil {
		return reload.Change{}, fmt.Errorf("logging.level: %w", err)
	}
	return reload.Change{Apply: func() { s.opts.Level.Set(level) }}, nil
}

// prepareTokens reads the file that is named now. To begin or to cease to ask for tokens is a matter of a
// restart: the rules of the listeners hang on it.
func (s *Stack) prepareTokens(_ context.Context, c config.Config, _ []string) (reload.Change, error) {
	if s.doors.tokens == nil || c.Admin.TokenFile == "" {
		return reload.Change{}, &reload.RestartError{Reason: "whether the admin listeners ask for tokens is settled at the start"}
	}
	next, err := adminguard.Open(c.Admin.TokenFile)
	if err != nil {
		return reload.Change{}, fmt.Errorf("admin.token_file: %w", err)
	}
	return reload.Change{Apply: func() { s.doors.tokens.Become(next) }}, nil
}

func (s *Stack) prepareLimits(_ context.Context, c config.Config, _ []string) (reload.Change, error) {
	return reload.Change{Apply: func() {
		for _, l := range s.limits {
			l.Become(c.Limits.Connections, c.Limits.ConnectionsPerAddress)
		}
	}}, nil
}

// prepareTrail is for what the janitor and the audit trail keep, and how they do it.
func (s *Stack) prepareTrail(_ context.Context, c config.Config, _ []string) (reload.Change, error) {
	return reload.Change{Apply: func() {
		now := s.now()
		if wraps, err := now.keys.auditWraps(); err == nil { // they were made of the same before
			s.trail.Load().Become(wraps, allTokens(c))
		}
	}}, nil
}

// prepareThrottle goes on with what was counted under other limits.
func (s *Stack) prepareThrottle(_ context.Context, c config.Config, _ []string) (reload.Change, error) {
	limits, err := throttleConfig(c, s.now().keys)
	if err != nil {
		return reload.Change{}, fmt.Errorf("throttle: %w", err)
	}
	return reload.Change{Apply: func() {
		if t := s.throttling.Load(); t.limiter != nil {
			s.throttling.Store(&throttling{limiter: t.limiter.With(limits), db: t.db})
		}
	}}, nil
}

// declaredWords are what the file makes in the databases.
func declaredWords() []string { return []string{"clients", "identities", "declared."} }

// declareIn bounds what a reload waits for at the lease and at the databases.
const declareIn = time.Minute

// prepareDeclared makes clients and identities what the file says now. It is the last one to be prepared, since
// the database cannot be asked to forget.
func (s *Stack) prepareDeclared(ctx context.Context, c config.Config, changed []string) (reload.Change, error) {
	bound, cancel := context.WithTimeout(ctx, declareIn)
	defer cancel()
	err := s.with(func(p *pair) error {
		d, err := s.declaring(p, c)
		if err != nil {
			return err
		}
		return p.turns.alone(bound, leaseStart, func(ctx context.Context) error {
			return s.byFile(ctx, d.keep)
		})
	})
	switch {
	case err == nil:
		return reload.Change{Apply: func() {}}, nil
	case bound.Err() != nil || sqlseam.Classify(err) == sqlseam.Outage:
		err = fmt.Errorf("%w; %w", err, reload.ErrLater)
	}
	return reload.Change{}, worded(strings.Join(changed, ", "), err)
}
