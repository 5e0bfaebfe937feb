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

// again is after how many looks a change is tried again that could not be made at the moment.
const again = 10

var (
	// ErrLater is in the error of Prepare for a change that may be made later, without another change of the file.
	ErrLater = errors.New("it is tried again")
	// errMoving is the outcome of a look at files that are being written.
	errMoving = errors.New("the files are being written")
)

// RestartError is what Prepare returns for a change that its target cannot make in place after all.
type RestartError struct {
	Reason string
	// Words are those that it is about; empty for all of the target that have changed.
	Words []string
}

// Error implements error.
func (e *RestartError) Error() string { return "takes effect after a restart: " + e.Reason }

// Change is a change that is ready.
type Change struct {
	// Apply puts it into force, which cannot fail.
	Apply func()
	// Discard is called in its place where another target failed; nil is allowed.
	Discard func()
}

// Target changes some words in place.
type Target[C any] struct {
	// Words are the words it is for; one that ends in a dot is for all below it.
	Words []string
	// Prepare makes ready what the configuration says, without any effect that others see, and is told which of
	// its words have changed. An error leaves everything as it is; a RestartError leaves these words.
	Prepare func(ctx context.Context, next C, changed []string) (Change, error)
}

// Config is what a Reloader works with.
type Config[C any] struct {
	Log *slog.Logger
	// Load reads the configuration anew. What it returns as an error goes into the log.
	Load func() (C, error)
	// Fingerprints returns a digest of each word's value.
	Fingerprints func(C) map[string]string
	// Merge returns what is in force with some words of what the files say.
	Merge func(inForce, next C, words []string) C
	// Files are what a configuration was read from and names, Digest tells whether any of them changed.
	Files  func(C) []string
	Digest func([]string) string
	// Targets are what changes in place, in the order in which they prepare: what takes long comes last.
	Targets []Target[C]
	// Why says what a word waits for that no target is for.
	Why func(word string) string
	// Taken is told what is in force now, before Told.
	Taken func(C)
	// Told is told what became of each look that led to something.
	Told func(context.Context, Report)
	// Asks are looks that somebody waits for. Who asks while one is made waits for his own.
	Asks <-chan Ask
}

// Ask asks for a look at once.
type Ask struct {
	// Reason is for the log.
	Reason string
	// Reply gets the outcome; nil where nobody waits. It has to have room for one.
	Reply chan<- Report
}

// Wait is a word that waits for a restart.
type Wait struct {
	Key    string `json:"key"`
	Reason string `json:"reason"`
}

// Report is what became of a look at the files.
type Report struct {
	// Applied are the words that are in force now and were not before.
	Applied []string
	// Waiting are those that wait for a restart, of earlier looks as well.
	Waiting []Wait
	// Err is why nothing was applied.
	Err error
}

// Reloader watches the files of a configuration.
type Reloader[C any] struct {
	cfg   Config[C]
	files []string
	// inForce is the configuration that is, and running its digests; the words that wait for a restart keep their
	// old ones.
	inForce C
	running map[string]string
	// taken is the digest of the files that were looked at last; seen that of the look before, because a
	// file may be half written.
	taken, seen string
	waiting     []Wait
	// later counts down to another attempt; said is what was wrong with the last one.
	later int
	said  string
}

// New returns a Reloader for the configuration in force.
func New[C any](running C, cfg Config[C]) *Reloader[C] {
	r := &Reloader[C]{cfg: cfg, files: cfg.Files(running), inForce: running, running: cfg.Fingerprints(running)}
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
		case ask := <-r.cfg.Asks:
			r.cfg.Log.InfoContext(ctx, "configuration is read again", "reason", ask.Reason)
			report := r.now(ctx)
			if ask.Reply != nil {
				ask.Reply <- report
			}
		}
	}
}

// look loads when the files have changed and have been the same for two looks: half of a YAML file is
// often a YAML file.
func (r *Reloader[C]) look(ctx context.Context) {
	now := r.cfg.Digest(r.files)
	settled := now == r.seen
	r.seen = now
	if r.later > 0 {
		r.later--
	}
	if settled && now != r.taken || r.later == 1 {
		r.load(ctx, now)
	}
}

// now looks at once, and again where the files were written meanwhile.
func (r *Reloader[C]) now(ctx context.Context) (out Report) {
	for range 5 {
		if out = r.load(ctx, r.cfg.Digest(r.files)); !errors.Is(out.Err, errMoving) {
			break
		}
	}
	return out
}

func (r *Reloader[C]) load(ctx context.Context, digest string) Report {
	next, err := r.cfg.Load()
	if r.cfg.Digest(r.files) != digest {
		return Report{Err: errMoving} // the next look tells
	}
	r.taken, r.seen, r.later = digest, digest, 0
	if err != nil {
		return r.fail(ctx, err)
	}
	applied, left, err := r.take(ctx, next)
	if err != nil {
		return r.fail(ctx, err)
	}
	waiting := []Wait{}
	for _, word := range differing(r.running, r.cfg.Fingerprints(next)) {
		reason, ok := left[word]
		if !ok {
			reason = r.cfg.Why(word)
		}
		waiting = append(waiting, Wait{Key: word, Reason: reason})
	}
	r.files = r.cfg.Files(next)
	r.taken = r.cfg.Digest(r.files)
	r.seen = r.taken
	return r.tell(ctx, Report{Applied: applied, Waiting: waiting})
}

// take puts into force what can be, and returns the words that were and why others were not.
func (r *Reloader[C]) take(ctx context.Context, next C) (applied []string, left map[string]string, err error) {
	prints := r.cfg.Fingerprints(next)
	changed := differing(r.running, prints)
	left = map[string]string{}
	for {
		words := slices.DeleteFunc(slices.Clone(changed), func(word string) bool {
			_, stays := left[word]
			return stays || !slices.ContainsFunc(r.cfg.Targets, func(t Target[C]) bool { return t.covers(word) })
		})
		merged := r.cfg.Merge(r.inForce, next, words)
		changes, more, err := r.prepare(ctx, merged, words)
		if err != nil {
			return nil, nil, err
		}
		if len(more) > 0 {
			maps.Copy(left, more)
			continue // without these, of which the others may have made something
		}
		for _, c := range changes {
			c.Apply()
		}
		r.inForce = merged
		for _, word := range words {
			r.running[word] = prints[word]
		}
		r.cfg.Taken(merged)
		if words == nil {
			words = []string{}
		}
		return words, left, nil
	}
}

// prepare asks every target that has to do with the changed words. It returns changes, or words that have to
// wait with the reason, or an error.
func (r *Reloader[C]) prepare(ctx context.Context, next C, words []string) (changes []Change, left map[string]string, err error) {
	discard := func() {
		for _, c := range changes {
			if c.Discard != nil {
				c.Discard()
			}
		}
	}
	for _, t := range r.cfg.Targets {
		own := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !t.covers(word) })
		if len(own) == 0 {
			continue
		}
		c, err := t.Prepare(ctx, next, own)
		var restart *RestartError
		switch {
		case errors.As(err, &restart):
			discard()
			left = map[string]string{}
			if len(restart.Words) > 0 {
				own = restart.Words
			}
			for _, word := range own {
				left[word] = restart.Reason
			}
			return nil, left, nil
		case err != nil:
			discard()
			return nil, nil, err
		}
		changes = append(changes, c)
	}
	return changes, nil, nil
}

func (t Target[C]) covers(word string) bool {
	return slices.ContainsFunc(t.Words, func(w string) bool {
		return w == word || strings.HasSuffix(w, ".") && strings.HasPrefix(word, w)
	})
}

func (r *Reloader[C]) fail(ctx context.Context, err error) Report {
	if ctx.Err() != nil {
		return Report{Err: err} // the end of the process is no fault of the file
	}
	repeated := errors.Is(err, ErrLater) && r.said == err.Error()
	if errors.Is(err, ErrLater) {
		r.later = again
	}
	r.said = err.Error()
	if !repeated {
		r.cfg.Log.ErrorContext(ctx, "new configuration cannot be used, the old one stays in force", "err", err)
	}
	out := Report{Applied: []string{}, Waiting: slices.Clone(r.waiting), Err: err} // they still do
	if !repeated {
		r.cfg.Told(ctx, out)
	}
	return out
}

func (r *Reloader[C]) tell(ctx context.Context, out Report) Report {
	r.said, r.waiting = "", out.Waiting
	if len(out.Applied) > 0 || len(out.Waiting) == 0 {
		r.cfg.Log.InfoContext(ctx, "configuration reloaded", "keys", out.Applied)
	}
	if len(out.Waiting) > 0 {
		words, reasons := []string{}, []string{}
		for _, w := range out.Waiting {
			words = append(words, w.Key)
			if !slices.Contains(reasons, w.Reason) {
				reasons = append(reasons, w.Reason)
			}
		}
		r.cfg.Log.WarnContext(ctx, "changes of the configuration wait for a restart", "keys", words, "reason", strings.Join(reasons, "; "))
	}
	r.cfg.Told(ctx, out)
	return out
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
