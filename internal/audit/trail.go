package audit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"example.com/identityd/internal/store"
)

// ErrUnwritten is the answer to an event that cannot be put on record.
var ErrUnwritten = errors.New("the audit trail cannot be written")

const (
	// queueSize bounds what waits to be written. Half of it is for what strangers cannot cause.
	queueSize = 8192
	// gather is how long an event waits for others; a batch has this many at most.
	gather    = 250 * time.Millisecond
	batchSize = 256
	// patience bounds one batch, and what waits for one that is synchronous.
	patience = 5 * time.Second
	// pause is the time between attempts.
	pause = time.Second
)

// Config is what a Trail works with.
type Config struct {
	// DB is the database of our own tables; nil writes to the log alone.
	DB      *sql.DB
	Dialect store.Dialect
	// Wraps are the keys that the keys of people are wrapped with: the first seals, all open.
	Wraps [][]byte
	Log   *slog.Logger
	// Region, Version and Host are those of this process.
	Region, Version, Host string
	// AllTokens writes down what applications get by refresh token and by their own credentials too.
	AllTokens bool
	// Now is the clock; nil is the one of the process.
	Now func() time.Time
	// Unchecked lets pass what cannot be written down. Tests prove with it that they would notice.
	Unchecked bool
}

// Trail writes the records of one process.
type Trail struct {
	cfg   Config
	kinds map[string]Kind
	// keys and tokens are what Become changes.
	keys   atomic.Pointer[Keyring]
	tokens atomic.Bool

	mu      sync.Mutex
	queue   []entry
	flooded map[string]int
	lost    int
	lostAt  time.Time
	stats   Stats

	wake, urgent chan struct{}
	room         int           // queueSize, or less in a test
	patience     time.Duration // patience, or more in a test
	writer       string
	stop         context.CancelFunc
	ended        chan struct{}

	// What follows belongs to the goroutine that writes.
	head   chain
	trying *attempt
	// anchorsRule finds what is new by the time of the anchor before alone. Tests prove with it that they would notice.
	anchorsRule bool
}

// Stats are numbers of one process since its start.
type Stats struct {
	// Written counts records, Lost events that are in the log alone, Flooded those that are in the number of
	// another record, Failed attempts of a batch.
	Written, Lost, Flooded, Failed uint64
	// Waiting is how many are not written yet.
	Waiting int
	// Anchor is the number of the newest anchor that this process knows of, and Anchored when it was made.
	Anchor   int64
	Anchored time.Time
}

// New returns a Trail. What is noted before Open waits for it.
func New(cfg Config) *Trail {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails: crypto/rand ends the process instead
	writer := hex.EncodeToString(id)
	t := &Trail{
		cfg: cfg, kinds: Kinds(), flooded: map[string]int{},
		wake: make(chan struct{}, 1), urgent: make(chan struct{}, 1),
		room: queueSize, patience: patience, writer: writer, head: chain{writer: writer},
	}
	t.Become(cfg.Wraps, cfg.AllTokens)
	return t
}

// Become changes the keys that those of people are wrapped with, and what is written down of tokens, from the next
// event on. It has to open what was sealed so far, so that old keys stay behind the new one.
func (t *Trail) Become(wraps [][]byte, allTokens bool) {
	t.keys.Store(NewKeyring(t.cfg.DB, wraps))
	t.tokens.Store(allTokens)
}

// Writer is the name of this process in the trail.
func (t *Trail) Writer() string { return t.writer }

// Stats returns the numbers.
func (t *Trail) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.stats
	out.Waiting = len(t.queue)
	return out
}

// Note puts an event on record soon: it is in the log at once and in the table within a second, or as soon
// as the database takes it. Its error says that the trail is closed.
func (t *Trail) Note(ctx context.Context, e Event) error {
	n := t.entry(ctx, e)
	t.say(ctx, n)
	if t.cfg.DB == nil {
		return nil
	}
	return t.push(n)
}

// Write puts an event on record before it returns. An error means that it is not, and that what it stands
// for must not happen.
func (t *Trail) Write(ctx context.Context, e Event) error {
	n := t.entry(ctx, e)
	t.say(ctx, n)
	if t.cfg.DB == nil {
		return nil
	}
	if t.cfg.Unchecked {
		_ = t.push(n)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	n.done = make(chan error, 1)
	n.gone = func() bool { return ctx.Err() != nil }
	if err := t.push(n); err != nil {
		return err
	}
	select {
	case err := <-n.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUnwritten, context.Cause(ctx))
	}
}

// entry fills in what the context knows.
func (t *Trail) entry(ctx context.Context, e Event) entry {
	n := entry{Event: e, at: t.cfg.Now()}
	if n.Outcome == "" {
		n.Outcome = Done
		if t.kinds[e.Kind].Failed {
			n.Outcome = Failed
		}
	}
	if s := SceneOf(ctx); s != nil {
		n.request = s.Request
		if n.Address == "" {
			n.Address, n.Agent = s.Address, s.Agent
		}
		if n.Actor == "" {
			n.Actor = s.Actor()
		}
	}
	if n.Actor == "" && n.Subject != "" {
		n.Actor = ActorPerson
	}
	return n
}

// say writes the line of the log.
func (t *Trail) say(ctx context.Context, n entry) {
	attrs := make([]slog.Attr, 0, 9)
	attrs = append(attrs, slog.String("kind", n.Kind), slog.String("outcome", string(n.Outcome)))
	for _, a := range [...][2]string{
		{"by", n.Actor}, {"subject", n.Subject}, {"client_id", n.Client}, {"session_id", n.Session}, {"request_id", n.request},
	} {
		if a[1] != "" {
			attrs = append(attrs, slog.String(a[0], a[1]))
		}
	}
	if len(n.Details) > 0 {
		attrs = append(attrs, slog.Any("details", n.Details))
	}
	t.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "audit", attrs...)
}

// push queues an entry, or counts it where there is no room.
func (t *Trail) push(n entry) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-t.closed():
		return fmt.Errorf("%w: the process is ending", ErrUnwritten)
	default:
	}
	switch {
	case n.done != nil || len(t.queue) < t.room/2:
		t.queue = append(t.queue, n)
	case t.kinds[n.Kind].Floods:
		t.flooded[n.Kind]++
		t.stats.Flooded++
	case len(t.queue) < t.room:
		t.queue = append(t.queue, n)
	default:
		t.lose(1)
	}
	if n.done != nil {
		signal(t.urgent)
	}
	signal(t.wake)
	return nil
}

func (t *Trail) closed() <-chan struct{} {
	if t.ended == nil {
		return nil // not open yet, and never ready
	}
	return t.ended
}

func (t *Trail) lose(n int) {
	if t.lost == 0 {
		t.lostAt = t.cfg.Now()
	}
	t.lost += n
	t.stats.Lost += uint64(n) //nolint:gosec // a number of entries
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
