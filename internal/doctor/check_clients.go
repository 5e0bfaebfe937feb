package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"example.com/identityd/internal/config"
)

// client is an application, as far as its addresses go.
type client struct {
	// where is where it is written, for people, and cure how it is changed.
	where, cure  string
	redirects    []string
	notified     string
	confidential bool
}

// fileRedirects looks at the clients of the file.
func fileRedirects() Check {
	return Check{
		Area: Clients, Name: "file", Tells: "codes and tokens of the file's clients go to addresses of theirs alone", Words: []string{"clients"},
		Run: func(_ context.Context, s *Subject) []Finding {
			var list []client
			for i, c := range s.Config.Clients {
				list = append(list, client{
					where: fmt.Sprintf("clients[%d].redirect_uris: client %s", i, c.ID), cure: fmt.Sprintf("correct clients[%d].redirect_uris", i), redirects: c.RedirectURIs,
					confidential: c.TokenEndpointAuthMethod != config.ClientAuthNone,
				})
			}
			return s.judgeClients(list)
		},
	}
}

// storedRedirects looks at the clients that the database has and the file does not.
func storedRedirects() Check {
	return Check{
		Area: Clients, Name: "stored", Tells: "codes and tokens of the other clients go to addresses of theirs alone", Needs: NeedsTables,
		Run: func(ctx context.Context, s *Subject) []Finding {
			list, more, err := s.storedClients(ctx)
			if err != nil {
				return []Finding{Skippedf("the clients cannot be read")}
			}
			out := s.judgeClients(list)
			if more {
				out = append(out, Skippedf("the clients beyond the first %d", mostClients))
			}
			return out
		},
	}
}

// mostClients are looked at.
const mostClients = 10000

func (s *Subject) storedClients(ctx context.Context) (list []client, more bool, err error) {
	rows, err := s.Hydra(ctx).DB.QueryContext(ctx, fmt.Sprintf(
		"SELECT id, CAST(redirect_uris AS text), token_endpoint_auth_method, backchannel_logout_uri FROM hydra_client ORDER BY id LIMIT %d", mostClients+1))
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, uris, method, notified string
		if err := rows.Scan(&id, &uris, &method, &notified); err != nil {
			return nil, false, err
		}
		if len(list) == mostClients {
			return list, true, rows.Err()
		}
		if slices.ContainsFunc(s.Config.Clients, func(c config.Client) bool { return c.ID == id }) {
			continue
		}
		c := client{where: "client " + id, cure: "run identityd client update " + id + " --redirect-uri <the right ones>", confidential: method != "none", notified: notified}
		if json.Unmarshal([]byte(uris), &c.redirects) != nil {
			c.redirects = nil
		}
		list = append(list, c)
	}
	return list, false, rows.Err()
}

func (s *Subject) judgeClients(list []client) []Finding {
	var out []Finding
	foreign := map[string]bool{}
	for _, c := range list {
		for _, raw := range c.redirects {
			if f, bad := s.judgeRedirect(c, raw); bad {
				out = append(out, f.Cured("%s", c.cure))
			} else if u, err := url.Parse(raw); err == nil && (u.Scheme == "https" || u.Scheme == "http") && !isLocal(u.Hostname()) && s.foreignHost(u.Hostname()) {
				foreign[registrable(u.Hostname())] = true
			}
		}
	}
	if len(foreign) > 0 && out == nil {
		var domains []string
		for d := range foreign {
			domains = append(domains, d)
		}
		slices.Sort(domains)
		out = append(out, Okf("%d clients; of other domains than ours: %s", len(list), strings.Join(domains, ", ")))
	}
	return out
}

func (s *Subject) foreignHost(host string) bool {
	for _, p := range s.publics() {
		if registrable(p.host()) == registrable(host) {
			return false
		}
	}
	return true
}

// judgeRedirect judges one address that codes and tokens are sent to (RFC 9700 section 2.1, RFC 8252).
func (s *Subject) judgeRedirect(c client, raw string) (Finding, bool) {
	u, err := url.Parse(raw)
	if err != nil {
		return Faultf("%s: the redirect URI %q cannot be read", c.where, raw), true
	}
	production := s.Config.Profile == config.Production
	web := u.Scheme == "https" || u.Scheme == "http"
	switch {
	case strings.Contains(raw, "*"):
		return Faultf("%s: the redirect URI %s holds a wildcard: whoever gets an address that fits gets the codes", c.where, raw), true
	case strings.Contains(raw, "#"):
		return Faultf("%s: the redirect URI %s has a fragment, which OAuth2 forbids", c.where, raw), true
	case slices.Contains([]string{"javascript", "data", "vbscript", "file", "blob"}, u.Scheme):
		return Faultf("%s: the redirect URI %s is run by the browser and not opened", c.where, u.Scheme+":"), true
	case u.Scheme == "":
		return Faultf("%s: the redirect URI %q is no whole address", c.where, raw), true
	case u.Scheme == "http" && !isLocal(u.Hostname()):
		return Faultf("%s: the redirect URI %s is not encrypted: whoever is on the way reads the codes", c.where, raw), true
	case web && isLocal(u.Hostname()) && production && c.confidential:
		// A program on somebody's machine listens there (RFC 8252), and has no secret.
		return Warningf("%s: the redirect URI %s is the machine of whoever signs in", c.where, raw), true
	case !web && c.confidential:
		return Warningf("%s: the redirect URI %s is of a program on a device, where its secret is none", c.where, raw), true
	case !web && !s.Config.EnforcesPKCE():
		return Faultf("%s: the redirect URI %s is a scheme that any program on a device can take, and PKCE is not enforced", c.where, raw), true
	}
	return Finding{}, false
}
