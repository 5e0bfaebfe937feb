package reload

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"
)

// interval is how often Run looks at the files. Polling sees what notifications miss: the links that
// Kubernetes swaps, and network file systems.
const interval = 3 * time.Second

// ErrRestart is what Prepare returns for a change that its target cannot make in place after all.
var ErrRestart = errors.New("takes effect after a restart")

// Target changes some words in place.
type Target[C any] struct {
	// Words are the words it is for; one that ends in a dot is for all below it.
	Words []string
	// Prepare makes ready what the configuration says, without any effect, and returns what puts it into
	// force, which cannot fail. An error leaves everything as it is; ErrRestart leaves these words.
	Prepare func(C) (apply func(), err error)
}

// Config is what a Reloader works with.
type Config[C any] struct {
	Log *slog.Logger
	// Load reads the configuration anew. What it returns as an error goes into the log.
	Load func() (C, error)
	// Fingerprints returns a digest of each word's value.
	Fingerprints func(C) map[string]string
	// Files are what a configuration was read from and names, Digest tells whether any of them changed.
	Files  func(C) []string
	Digest func([]string) string
	// Targets are what changes in place.
	Targets []Target[C]
	// Failed counts files that could not be used; Waiting is told how many words wait for a restart.
	Failed  func()
	Waiting func(words int)
	// Changed is told the words in force since now, and those that wait; nil is allowed.
	Changed func(ctx context.Context, applied, waiting []string)
	// Hangups ask for a look at once.
	Hangups <-chan struct{}
}

// Reloader watches the files of a configuration.
type Reloader[C any] struct {
	cfg   Config[C]
	files []string
	// running are the digests of what is in force; the words that wait for a restart keep their old one.
	running map[string]string
	// taken is the digest of the files that were looked at last; seen that of the look before, because a
	// file may be half written.
	taken, seen string
}

// New returns a Reloader for the configuration in force.
func New[C any](running C, cfg Config[C]) *Reloader[C] {
	r := &Reloader[C]{cfg: cfg, files: cfg.Files(running), running: cfg.Fingerprints(running)}
	r.taken = cfg.Digest(r.files)
	r.seen = r.taken
	return r
}

// Run looks at the files until ctx ends, and at once when somebody asks. It always returns nil.
func (r *Reloader[C]) Run(ctx context.Context) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			r.look(ctx)
		case <-r.cfg.Hangups:
			r.cfg.Log.InfoContext(ctx, "configuration is read again", "reason", "a signal asked for it")
			r.load(ctx, r.cfg.Digest(r.files))
		}
	}
}

// look loads when the files have changed and have been the same for two looks: half of a YAML file is
// often a YAML file.
func (r *Reloader[C]) look(ctx context.Context) {
	now := r.cfg.Digest(r.files)
	settled := now == r.seen
	r.seen = now
	if settled && now != r.taken {
		r.load(ctx, now)
	}
}

func (r *Reloader[C]) load(ctx context.Context, digest string) {
	next, err := r.cfg.Load()
	if r.cfg.Digest(r.files) != digest {
		return // it was written meanwhile: the next look tells
	}
	r.taken, r.seen = digest, digest
	if err != nil {
		r.fail(ctx, err)
		return
	}
	prints := r.cfg.Fingerprints(next)
	changed := differing(r.running, prints)
	applied, apply, err := r.prepare(next, changed)
	if err != nil {
		r.fail(ctx, err)
		return
	}
	for _, f := range apply {
		f()
	}
	for _, word := range applied {
		r.running[word] = prints[word]
	}
	waiting := differing(r.running, prints)
	r.files = r.cfg.Files(next)
	r.taken = r.cfg.Digest(r.files)
	r.seen = r.taken
	r.tell(ctx, applied, waiting)
}

// prepare asks every target that has to do with the changed words, and returns the words that can be
// changed and what changes them.
func (r *Reloader[C]) prepare(next C, changed []string) (words []string, apply []func(), err error) {
	for _, t := range r.cfg.Targets {
		var own []string
		for _, word := range changed {
			if t.covers(word) {
				own = append(own, word)
			}
		}
		if len(own) == 0 {
			continue
		}
		f, err := t.Prepare(next)
		if errors.Is(err, ErrRestart) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		words, apply = append(words, own...), append(apply, f)
	}
	slices.Sort(words)
	return slices.Compact(words), apply, nil
}

func (t Target[C]) covers(word string) bool {
	return slices.ContainsFunc(t.Words, func(w string) bool {
		return w == word || strings.HasSuffix(w, ".") && strings.HasPrefix(word, w)
	})
}

func (r *Reloader[C]) fail(ctx context.Context, err error) {
	r.cfg.Failed()
	r.cfg.Log.ErrorContext(ctx, "new configuration cannot be used, the old one stays in force", "err", err)
}

func (r *Reloader[C]) tell(ctx context.Context, applied, waiting []string) {
	r.cfg.Waiting(len(waiting))
	if len(applied) > 0 || len(waiting) == 0 {
		r.cfg.Log.InfoContext(ctx, "configuration reloaded", "keys", applied)
	}
	if len(waiting) > 0 {
		r.cfg.Log.WarnContext(ctx, "changes of the configuration wait for a restart", "keys", waiting)
	}
	if r.cfg.Changed != nil && len(applied)+len(waiting) > 0 {
		r.cfg.Changed(ctx, applied, waiting)
	}
}

// differing are the words whose digests are not the same, sorted.
func differing(a, b map[string]string) []string {
	var out []string
	for _, word := range slices.Sorted(maps.Keys(b)) {
		if a[word] != b[word] {
			out = append(out, word)
		}
	}
	return out
}
