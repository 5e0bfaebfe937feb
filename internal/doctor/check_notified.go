package doctor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/outbound"
)

// mostNotified bounds how many applications are connected to.
const mostNotified = 50

// notified looks whether applications can be told of a sign-out: their addresses are called from here, through
// outbound.
func notified() Check {
	return Check{
		Area: Clients, Name: "sign-out", Tells: "applications that want to be told of a sign-out can be reached", Words: []string{"clients", "outbound"}, Needs: NeedsTables | NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding {
			stored, _, err := s.storedClients(ctx)
			if err != nil {
				return []Finding{Skippedf("the clients cannot be read")}
			}
			targets := map[string]string{}
			for i, c := range s.Config.Clients {
				addTarget(targets, c.BackchannelLogoutURI, fmt.Sprintf("clients[%d].backchannel_logout_uri: client %s", i, c.ID))
			}
			for _, c := range stored {
				addTarget(targets, c.notified, "backchannel_logout_uri of "+c.where)
			}
			return s.reach(ctx, targets)
		},
	}
}

// addTarget keeps one client for each host that is called.
func addTarget(targets map[string]string, raw, where string) {
	u, err := url.Parse(raw)
	if raw == "" || err != nil || len(targets) >= mostNotified {
		return
	}
	base := u.Scheme + "://" + u.Host
	if _, known := targets[base]; !known {
		targets[base] = where
	}
}

func (s *Subject) reach(ctx context.Context, targets map[string]string) []Finding {
	var (
		out  []Finding
		mu   sync.Mutex
		all  sync.WaitGroup
		ways = s.policy()
	)
	for base, where := range targets {
		u, err := url.Parse(base)
		if err != nil {
			continue
		}
		all.Go(func() {
			err := ways.Reach(ctx, u)
			if err == nil {
				return
			}
			f := Warningf("%s: %s cannot be reached: %s", where, u.Host, unreached(err)).Cured("let the application listen there, or correct its address")
			if refused := (*outbound.Refused)(nil); errors.As(err, &refused) {
				f = Faultf("%s: outbound does not let us call %s (%s)", where, u.Host, refused.Kind).Cured("if it is meant, name %s in outbound.allow", u.Hostname())
			}
			mu.Lock()
			defer mu.Unlock()
			out = append(out, f)
		})
	}
	all.Wait()
	return out
}

// policy is how the running process calls others.
func (s *Subject) policy() *outbound.Policy {
	o := s.Config.Outbound
	cfg := outbound.Config{Private: o.Private == config.PrivateAllow, Proxy: o.ProxyURL(), None: o.None, Log: slog.New(slog.DiscardHandler)}
	for _, r := range o.Rules() {
		cfg.Allow = append(cfg.Allow, outbound.Rule(r))
	}
	return outbound.New(cfg)
}
