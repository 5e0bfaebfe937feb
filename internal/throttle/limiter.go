package throttle

import (
	"context"
	"log/slog"
	"net/netip"
	"time"
)

// Rows is the second level. An error means that it cannot be had at the moment.
type Rows interface {
	// Reserve counts an attempt for every key that need not wait, in one statement, and returns the state of
	// those alone.
	Reserve(ctx context.Context, now int64, keys []Counted) (map[string]State, error)
	// Release takes an attempt back from each key, forgets all failures of clear unless that is empty, and
	// returns the keys whose rows are gone.
	Release(ctx context.Context, now int64, keys []string, clear string) (gone []string, err error)
	// Add counts a failure for every key, also for those that have to wait, and returns their state.
	Add(ctx context.Context, now int64, keys []Counted) (map[string]State, error)
	// States returns those of keys that there are.
	States(ctx context.Context, keys []string) (map[string]State, error)
	// List returns every row that is not forgotten, and Clear removes those that match.
	List(ctx context.Context, now int64) ([]Entry, error)
	Clear(ctx context.Context, match func(Key) bool) (int, error)
}

// Counted is a key with the rule that it is counted by.
type Counted struct {
	Key  string
	Rule Rule
}

// Config is what a Limiter works with.
type Config struct {
	Log    *slog.Logger
	Region string
	Names  Names
	// Pair, Account, Address and Mails are the limits.
	Pair, Account, Address, Mails Level
	FirstWait, LongestWait        time.Duration
	// Shared reserves attempts at accounts in Rows before they are made. Without it there is no other process, and
	// failures are written only so that the next one knows them.
	Shared bool
	// Rows is nil where there is no table.
	Rows Rows
	// NewRows is how many rows this process may make at once; as many become free again each hour.
	NewRows int
	// Unreserved counts failures afterwards instead, as a simpler throttle would. Tests prove with it that they would
	// notice; no setting reaches it.
	Unreserved bool
	// AnyWait believes the end of a wait however far away it is, for tests as well.
	AnyWait bool
	// Note puts on record that somebody has to wait; nil is allowed.
	Note func(ctx context.Context, n Refusal)
	// Now is the clock; nil is the system's.
	Now func() time.Time
}

// Attempt is what somebody is about to try.
type Attempt struct {
	Kind Kind
	// Address is a prefix, invalid where nobody knows it.
	Address netip.Prefix
	// Account is as typed, empty where there is none.
	Account string
	// Device is the cookie of a browser, as it came.
	Device string
	// Every counts also what succeeds.
	Every bool
}

// Refusal says who has to wait.
type Refusal struct {
	Kind  Kind
	Scope Scope
	// Address and Account are those of the attempt, the latter hashed.
	Address, Account string
	Until            time.Time
}

// Limiter counts attempts. It is safe for concurrent use.
type Limiter struct {
	cfg Config
	*counts
}

// counts are what a limiter knows, whatever its limits are.
type counts struct {
	memory  *memory
	known   *known
	breaker breaker
	budget  budget
	stats   counters
}

// How much a process remembers: some ten megabytes at the most.
const (
	memoryKeys = 1 << 15
	knownPairs = 1 << 14
	// knownFor is how long an address is known to be somebody's, without a sign-in.
	knownFor = 30 * 24 * time.Hour
	// turn is how long an attempt waits for others at the same account to end.
	turn = 5 * time.Second
)

// queue is how many wait so for one key. People do not sign in twenty times at once; applications ask for many
// tokens when they start.
func queue(k Kind) int {
	if k == Client {
		return 256
	}
	return 16
}

// New returns a limiter.
func New(cfg Config) *Limiter {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Limiter{cfg: cfg, counts: &counts{
		memory: newMemory(memoryKeys), known: newKnown(knownPairs),
		budget: budget{most: cfg.NewRows},
	}}
}

// With returns a limiter of other limits, waits and names that goes on with what this one has counted.
func (l *Limiter) With(cfg Config) *Limiter {
	next := l.cfg
	next.Names = cfg.Names
	next.Pair, next.Account, next.Address, next.Mails = cfg.Pair, cfg.Account, cfg.Address, cfg.Mails
	next.FirstWait, next.LongestWait = cfg.FirstWait, cfg.LongestWait
	return &Limiter{cfg: next, counts: l.counts}
}

func (l *Limiter) now() int64 { return l.cfg.Now().UnixMilli() }

// keys lists what an attempt counts for, the narrowest first, and whether it comes from where the account
// was proved before.
func (l *Limiter) keys(a Attempt, now int64) (out []Counted, account string, trusted bool) {
	account = l.cfg.Names.Account(a.Account)
	address := addressText(a.Address)
	key := func(s Scope, address, account string, level Level) {
		k := Key{Region: l.cfg.Region, Kind: a.Kind, Scope: s, Address: address, Account: account}
		out = append(out, Counted{k.String(), l.cfg.rule(level)})
	}
	if device := l.cfg.Names.device(a.Device, account, now); device != "" {
		// The name of the browser is part of the hash.
		key(Device, "", device, l.cfg.pair(a.Kind))
		return out, account, true
	}
	if account != "" && address != "" {
		key(Pair, address, account, l.cfg.pair(a.Kind))
		if l.known.has(out[0].Key, now) {
			return out, account, true
		}
	}
	if account != "" {
		level := l.cfg.Account
		if a.Kind == Mail {
			level = l.cfg.Mails
		}
		key(Account, "", account, level)
	}
	if address != "" && !a.Every {
		key(Address, address, "", l.cfg.Address)
	}
	return out, account, false
}

// pair is the level of one account from one address.
func (c Config) pair(k Kind) Level {
	if k == Mail {
		return Level{max(c.Mails.Free/2, 1), c.Mails.Window}
	}
	return c.Pair
}

// strict reports whether the attempt is reserved in the table before it is made.
func (l *Limiter) strict(a Attempt) bool {
	return l.cfg.Shared && l.cfg.Rows != nil && a.Kind != Client && a.Account != ""
}

// Begin reserves an attempt. It returns what has to be told how it ended, or a refusal.
func (l *Limiter) Begin(ctx context.Context, a Attempt) (*Hold, *Refusal) {
	now := l.now()
	keys, account, trusted := l.keys(a, now)
	h := &Hold{limiter: l, attempt: a, keys: keys, account: account}
	// An application that proved itself from there may do so many times at once: what is wrong among that counts when
	// it is found out.
	h.loose = l.cfg.Unreserved || a.Kind == Client && trusted
	if until := l.enter(ctx, h); until != 0 {
		return nil, l.refuse(ctx, h, until)
	}
	if !l.strict(a) {
		return h, nil
	}
	if until := l.reserve(ctx, h); until != 0 {
		h.leave(nil)
		return nil, l.refuse(ctx, h, until)
	}
	return h, nil
}

// enter reserves in memory, all keys or none. Whoever has to wait for another attempt at the same account
// does so here, before anything of an engine is held.
func (l *Limiter) enter(ctx context.Context, h *Hold) (until int64) {
	var patience *time.Timer
	for {
		until, ended := l.tryEnter(h)
		if ended == nil {
			return until
		}
		if patience == nil {
			patience = time.NewTimer(turn)
			defer patience.Stop()
		}
		select {
		case <-ended:
		case <-patience.C:
			return l.now() + l.cfg.FirstWait.Milliseconds()
		case <-ctx.Done():
			return l.now() + l.cfg.FirstWait.Milliseconds()
		}
	}
}

func (l *Limiter) tryEnter(h *Hold) (until int64, ended <-chan struct{}) {
	now := l.now()
	entered := 0
	for _, k := range h.keys {
		if h.loose {
			l.memory.with(k.Key, func(e *entry) {
				if e.blocked(now, k.Rule) {
					until = max(until, e.Until)
				}
			})
			continue
		}
		ok, blocked, full := l.memory.enter(k.Key, k.Rule, now, queue(h.attempt.Kind))
		until = max(until, blocked)
		if !ok {
			ended = full
			break
		}
		entered++
	}
	if entered == len(h.keys) || h.loose {
		return until, nil
	}
	for _, k := range h.keys[:entered] {
		l.memory.leave(k.Key, nil)
	}
	// The longest wait of all is the one to tell.
	for _, k := range h.keys[entered:] {
		l.memory.with(k.Key, func(e *entry) {
			if e.blocked(now, k.Rule) {
				until = max(until, e.Until)
			}
		})
	}
	if until != 0 {
		return until, nil
	}
	return 0, ended
}

func (l *Limiter) refuse(ctx context.Context, h *Hold, until int64) *Refusal {
	l.stats.refused(h.attempt.Kind)
	r := Refusal{
		Kind: h.attempt.Kind, Address: addressText(h.attempt.Address), Account: h.account, Until: time.UnixMilli(until),
	}
	now := l.now()
	for _, k := range h.keys {
		l.memory.with(k.Key, func(e *entry) {
			if e.blocked(now, k.Rule) && r.Scope == "" {
				key, _ := ParseKey(k.Key)
				r.Scope = key.Scope
			}
		})
	}
	if l.cfg.Note != nil {
		l.cfg.Note(ctx, r)
	}
	return &r
}
