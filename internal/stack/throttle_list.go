package stack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/throttle"
)

// Throttled is a count of failed attempts.
type Throttled struct {
	Region string `json:"region,omitempty"`
	// Attempt is what was tried: login, mail, form or client.
	Attempt string `json:"attempt"`
	// Scope is by what is counted: pair, account, address or device.
	Scope   string `json:"scope"`
	Address string `json:"address,omitempty"`
	// Account is a keyed hash.
	Account string `json:"account,omitempty"`
	// Failures still count; the last of them until Forgotten.
	Failures  int       `json:"failures"`
	Forgotten time.Time `json:"forgotten"`
	// Wait is how long the next attempt has to wait, and Until its end; absent where there is no wait.
	Wait  string     `json:"wait,omitempty"`
	Until *time.Time `json:"until,omitempty"`
}

// ThrottleQuery chooses counts. What is empty chooses all.
type ThrottleQuery struct {
	// Account is an identifier as people type it, the id of an identity, or the id of a client.
	Account string
	// Address is one, or a prefix.
	Address string
}

// Hashed returns the query as it is put to a running identityd, which is not told the account.
func (q ThrottleQuery) Hashed(ctx context.Context, cfg config.Config, opts Options) (url.Values, error) {
	chosen, _, err := throttleQuery(ctx, cfg, opts, q)
	if err != nil {
		return nil, err
	}
	out := url.Values{}
	if chosen.Account != "" {
		out.Set("account", chosen.Account)
	}
	if chosen.Address.IsValid() {
		out.Set("address", chosen.Address.String())
	}
	return out, nil
}

func throttleQuery(ctx context.Context, cfg config.Config, opts Options, q ThrottleQuery) (out throttle.Query, tc throttle.Config, err error) {
	if err := databaseExists(cfg); err != nil {
		return out, tc, err // before secrets would be made
	}
	k, err := resolveKeys(ctx, cfg, opts.Log)
	if err != nil {
		return out, tc, err
	}
	if tc, err = throttleConfig(cfg, k); err != nil {
		return out, tc, err
	}
	out.Account = tc.Names.Account(q.Account)
	out.Address, err = parsePrefix(q.Address)
	return out, tc, err
}

func parsePrefix(text string) (netip.Prefix, error) {
	if text == "" {
		return netip.Prefix{}, nil
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return clientaddr.Prefix(a), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("the address must be one, or a prefix such as 203.0.113.0/24 or 2001:db8::/64 (got %q)", text)
	}
	return p, nil
}

// ListThrottled reads the counts that are written down.
func ListThrottled(ctx context.Context, cfg config.Config, opts Options, q ThrottleQuery) (out []Throttled, err error) {
	err = withThrottles(ctx, cfg, opts, q, func(rows *store.Throttles, chosen throttle.Query, tc throttle.Config) error {
		all, err := rows.List(ctx, time.Now().UnixMilli())
		out = throttled(tc, chosen, all)
		return err
	})
	return out, err
}

// ClearThrottled sets back the counts that are written down, and says how many there were.
func ClearThrottled(ctx context.Context, cfg config.Config, opts Options, q ThrottleQuery) (n int, err error) {
	err = withThrottles(ctx, cfg, opts, q, func(rows *store.Throttles, chosen throttle.Query, _ throttle.Config) error {
		n, err = throttle.Clear(ctx, rows, chosen)
		return err
	})
	return n, err
}

func withThrottles(ctx context.Context, cfg config.Config, opts Options, q ThrottleQuery, do func(*store.Throttles, throttle.Query, throttle.Config) error) error {
	chosen, tc, err := throttleQuery(ctx, cfg, opts, q)
	if err != nil {
		return err
	}
	dbs, err := openForCommand(ctx, cfg, opts.Log)
	if err != nil {
		return err
	}
	defer dbs.close()
	if err := do(store.NewThrottles(dbs.kratos, nil), chosen, tc); err != nil {
		return unmigrated(errors.Unwrap(err), dbs.dialect)
	}
	return nil
}

// throttled words the entries that were chosen, the longest wait first.
func throttled(tc throttle.Config, q throttle.Query, all []throttle.Entry) []Throttled {
	throttle.Sort(all)
	out, now := []Throttled{}, time.Now()
	for _, e := range all {
		if !q.Matches(e.Key) {
			continue
		}
		one := Throttled{
			Region: e.Key.Region, Attempt: string(e.Key.Kind), Scope: string(e.Key.Scope), Address: e.Key.Address, Account: e.Key.Account,
			Failures: tc.Failures(e, now), Forgotten: time.UnixMilli(e.Debt).UTC(),
		}
		if until := time.UnixMilli(e.Until).UTC(); until.After(now) {
			one.Until, one.Wait = &until, (until.Sub(now) + time.Second - 1).Truncate(time.Second).String()
		}
		out = append(out, one)
	}
	return out
}

// serveThrottle lists or sets back what this process counts, and what is written down.
func (s *Stack) serveThrottle(w http.ResponseWriter, r *http.Request) {
	t := s.throttling.Load()
	if t == nil || t.limiter == nil {
		control.Refuse(w, http.StatusServiceUnavailable, "This identityd counts no attempts: it is starting, or throttle.enabled is false.")
		return
	}
	q := throttle.Query{Account: r.URL.Query().Get("account")}
	var err error
	if q.Address, err = parsePrefix(r.URL.Query().Get("address")); err != nil {
		control.Refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if r.Method == http.MethodDelete {
		n, err := t.limiter.Clear(r.Context(), q)
		if err != nil {
			control.Refuse(w, http.StatusServiceUnavailable, "The database cannot be had; what this process remembers was cleared.")
			return
		}
		control.JSON(w, map[string]int{"cleared": n})
		return
	}
	all, err := t.limiter.All(r.Context(), q)
	if err != nil {
		control.Refuse(w, http.StatusServiceUnavailable, "The database cannot be had.")
		return
	}
	control.JSON(w, throttled(t.limiter.Config(), q, all))
}
