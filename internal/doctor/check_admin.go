package doctor

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"

	"example.com/identityd/internal/config"
)

// adminListeners looks who can reach the admin APIs, whoever reaches which without proof owns every account.
func adminListeners() Check {
	return Check{
		Area: Admin, Name: "listeners", Tells: "the admin APIs ask who is there, or only this machine reaches them", Words: []string{"listen", "admin", "tls"},
		Run: func(_ context.Context, s *Subject) []Finding {
			var out []Finding
			open := 0
			for _, name := range []string{"hydra_admin", "kratos_admin"} {
				a, _ := s.listen(name)
				if a.Loopback() { // off and sockets are too
					continue
				}
				open++
				switch {
				case !s.Config.Admin.Proves():
					out = append(out, Faultf("admin.allow_unauthenticated: whoever reaches listen.%s at %s owns every account", name, a).
						Cured("make a token with identityd admin token and name its file in admin.token_file, or write 127.0.0.1:%d", a.Port()))
				case s.Config.TLS.Pair(name).Empty() && s.Config.Profile == config.Production:
					out = append(out, Warningf("listen.%s: tokens go to %s without encryption", name, a).
						Cured("set tls.%s.cert_file and key_file, or write 127.0.0.1:%d", name, a.Port()))
				}
			}
			if s.Config.Admin.AllowUnauthenticated && open == 0 {
				out = append(out, Warningf("admin.allow_unauthenticated: is true, and no admin listener needs it").Cured("remove it, before one does"))
			}
			return append(out, s.judgeOps()...)
		},
	}
}

// judgeOps: what is there is no secret, but tells strangers what runs and how busy it is.
func (s *Subject) judgeOps() []Finding {
	a := s.Config.Listen.Ops
	if a.Loopback() || s.Config.Profile != config.Production {
		return nil
	}
	if ip := net.ParseIP(a.Host()); ip != nil && ip.IsPrivate() {
		return nil
	}
	return []Finding{Warningf("listen.ops: %s shows metrics and version to whoever reaches it", a).
		Cured("write 127.0.0.1:%d or an address of a network of your own, or keep strangers out by a firewall", a.Port())}
}

// adminOutside asks for the admin APIs and the metrics where browsers are.
func adminOutside() Check {
	return Check{
		Area: Admin, Name: "outside", Tells: "the admin APIs and the metrics are not reached by the public addresses", Words: []string{"origin", "urls"}, Needs: NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding {
			var out []Finding
			reached := false
			for _, p := range s.places() {
				for _, path := range []string{"/admin/clients", "/admin/identities", "/clients", "/identities", "/metrics"} {
					a, err := s.Net.ask(ctx, http.MethodGet, strings.TrimRight(p.raw, "/")+path+"?page_size=1", http.Header{"Accept": {"application/json"}})
					if err != nil {
						break
					}
					reached = true
					out = append(out, judgeOutside(p, path, a)...)
				}
			}
			if !reached && len(s.places()) > 0 {
				return []Finding{Skippedf("nobody answers at the addresses")}
			}
			return out
		},
	}
}

func judgeOutside(p public, path string, a answer) []Finding {
	kind, body := a.header.Get("Content-Type"), strings.TrimSpace(string(a.body))
	what := fmt.Sprintf("%s: %s", p.word, strings.TrimRight(p.raw, "/")+path)
	switch {
	case path == "/metrics":
		if a.status == http.StatusOK && strings.Contains(body, "identityd_") {
			return []Finding{Warningf("%s shows the metrics to everybody", what).Cured("let the proxy pass nothing on to listen.ops")}
		}
	case a.status == http.StatusOK && strings.Contains(kind, "json") && strings.HasPrefix(body, "["):
		return []Finding{Faultf("%s answers: everybody owns every account", what).
			Cured("take the path out of the proxy, now; then set admin.token_file, and see identityd incident")}
	case (a.status == http.StatusUnauthorized || a.status == http.StatusForbidden) && strings.Contains(body, "admin"):
		return []Finding{Warningf("%s leads to an admin listener (answer %d): a token is all that keeps strangers out", what, a.status).
			Cured("take the path out of the proxy")}
	}
	return nil
}
