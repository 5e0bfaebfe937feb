package hydra

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"
	hconfig "github.com/ory/hydra/v2/driver/config"

	"example.com/identityd/internal/crossorigin"
	"example.com/identityd/internal/declare"
)

// verdict says whether something that an application sends would be taken, and what to do where not.
type verdict struct {
	Of       string `json:"of"`
	Value    string `json:"value"`
	Accepted bool   `json:"accepted"`
	Why      string `json:"why"`
	Cure     string `json:"cure"`
}

// judge answers for one client, by the functions that the endpoints ask (fosite's and the configuration's).
type judge struct {
	engine *Engine
	client *client.Client
}

// list is what cures a list that lacks a word: the whole list, since what is named takes its place.
func (j judge) list(flag, word string, have []string, value string) string {
	if owner := declare.Owner([]byte(j.client.Metadata)); owner != "" {
		return fmt.Sprintf("add %s to clients[].%s of %s in %s", value, word, j.client.GetID(), owner)
	}
	return fmt.Sprintf("identityd client update %s --%s %s", j.client.GetID(), flag, shellWord(strings.Join(append(slices.Clone(have), value), ",")))
}

// shellWord quotes what a shell would not take as it is.
func shellWord(s string) string {
	if strings.ContainsAny(s, " ?&*;()[]#'\"$<>|\\`!~") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

func (j judge) redirect(ctx context.Context, sent string) verdict {
	v := verdict{Of: "redirect_uri", Value: sent}
	have := j.client.GetRedirectURIs()
	to, err := fosite.MatchRedirectURIWithClientRedirectURIs(sent, j.client)
	switch {
	case sent == "":
		v.Why = "an OpenID Connect request has to name one"
		v.Cure = "send redirect_uri, one of those that are registered: " + strings.Join(have, ", ")
	case err != nil:
		nearest, how := whereDiffers(v.Of, sent, have)
		v.Why = "it is not registered: " + how
		if nearest != "" {
			v.Why = fmt.Sprintf("it is not registered; the nearest one is %s: %s", nearest, how)
		}
		if msg := returnProblem(sent, j.engine.cfg.Dev); msg != "" {
			v.Why += ". It could not be registered either: an address to return to " + msg
			v.Cure = "let the application send " + orNone(nearest)
		} else {
			v.Cure = j.list("redirect-uri", "redirect_uris", have, sent)
		}
	case !j.engine.registry.OAuth2ProviderConfig().GetRedirectSecureChecker(ctx)(ctx, to):
		v.Why = "it is registered, and http at another host than this machine: a code would travel in clear text"
		v.Cure = j.list("redirect-uri", "redirect_uris", nil, "https"+strings.TrimPrefix(sent, "http"))
	default:
		v.Accepted, v.Why = true, "it is registered, letter by letter"
		if !slices.Contains(have, sent) {
			v.Why = "its port is free: at 127.0.0.1 and [::1] any port of a registered address is taken (RFC 8252, section 7.3)"
		}
		if !j.has("authorization_code") && !j.has("implicit") {
			v.Accepted, v.Why = false, "it is registered, but the client has no grant by which people sign in"
			v.Cure = j.list("grant-type", "grant_types", j.client.GetGrantTypes(), "authorization_code")
		}
	}
	return v
}

func (j judge) scope(ctx context.Context, sent string) verdict {
	v := verdict{Of: "scope", Value: sent, Accepted: true, Why: "it is one of the client's"}
	if j.engine.registry.OAuth2ProviderConfig().GetScopeStrategy(ctx)(j.client.GetScopes(), sent) {
		return v
	}
	v.Accepted, v.Why = false, "the client may not ask for it (invalid_scope); it may for "+orNone(strings.Join(j.client.GetScopes(), " "))
	v.Cure = j.list("scope", "scope", j.client.GetScopes(), sent)
	return v
}

func (j judge) audience(ctx context.Context, sent string) verdict {
	v := verdict{Of: "audience", Value: sent, Accepted: true, Why: "it is one of the client's"}
	if err := j.engine.registry.OAuth2ProviderConfig().GetAudienceStrategy(ctx)(j.client.GetAudience(), []string{sent}); err == nil {
		return v
	}
	v.Accepted, v.Why = false, "the client may not ask for tokens for it; it may for "+orNone(strings.Join(j.client.GetAudience(), " "))
	v.Cure = j.list("audience", "audience", j.client.GetAudience(), sent)
	return v
}

func (j judge) grant(sent string) verdict {
	v := verdict{Of: "grant_type", Value: sent, Accepted: true, Why: "it is one of the client's"}
	switch {
	case sent == "password":
		v.Accepted, v.Why = false, "nobody has it: it would hand people's passwords to the application (OAuth 2.1)"
		v.Cure = "let people sign in by authorization_code with PKCE"
	case !j.has(sent):
		v.Accepted, v.Why = false, "the client may not use it (unauthorized_client); it may use "+orNone(strings.Join(j.client.GetGrantTypes(), ", "))
		v.Cure = j.list("grant-type", "grant_types", j.client.GetGrantTypes(), sent)
	case sent == "client_credentials" && j.client.IsPublic():
		v.Accepted, v.Why = false, "it is one of the client's, but a client without a secret cannot use it"
		v.Cure = "make a client of its own: identityd client create --kind machine NAME"
	}
	return v
}

func (j judge) has(grant string) bool { return slices.Contains(j.client.GetGrantTypes(), grant) }

func (j judge) origin(ctx context.Context, sent string) verdict {
	v := verdict{Of: "origin", Value: sent}
	all, _ := j.engine.registry.Config().CORS(ctx, hconfig.PublicInterface)
	own := j.client.AllowedCORSOrigins
	u, err := url.Parse(sent)
	switch {
	case err != nil || u.Scheme == "" || u.Host == "":
		v.Why = "it is no origin: a browser sends scheme, host and port, such as https://app.example.com"
		v.Cure = "read it off the console of the browser"
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		v.Why = "an origin has no path: a browser sends " + u.Scheme + "://" + u.Host
		v.Cure = fmt.Sprintf("identityd client explain %s --origin %s", j.client.GetID(), u.Scheme+"://"+u.Host)
	case slices.ContainsFunc(own, func(p string) bool { return originMatches(p, sent) }):
		v.Accepted, v.Why = true, "it is one of the client's"
	case slices.ContainsFunc(all.AllowedOrigins, func(p string) bool { return originMatches(p, sent) }):
		v.Accepted, v.Why = true, "it is one of cors.origins, or of another client of the file, and so good for all"
	case j.engine.ClientOrigin(sent) != crossorigin.Stranger:
		v.Accepted, v.Why = true, "it is one of another client's, and what a browser asks before says nothing of clients"
	default:
		nearest, how := whereDiffers(v.Of, sent, slices.Concat(own, all.AllowedOrigins))
		v.Why = "scripts of it may not call the token endpoint and its like: no origin is registered"
		if nearest != "" {
			v.Why = fmt.Sprintf("scripts of it may not call the token endpoint and its like; the nearest one is %s: %s", nearest, how)
		}
		v.Cure = j.list("allowed-cors-origin", "origins", own, sent)
	}
	return v
}

// originMatches compares as the engine does: without regard to letters, and a star for one part of a host.
func originMatches(pattern, origin string) bool {
	pattern, origin = strings.ToLower(pattern), strings.ToLower(origin)
	before, after, star := strings.Cut(pattern, "*")
	switch {
	case pattern == "*" || pattern == origin:
		return true
	case !star || len(origin) < len(before)+len(after) || !strings.HasPrefix(origin, before) || !strings.HasSuffix(origin, after):
		return false
	}
	middle := origin[len(before) : len(origin)-len(after)]
	return after == "" && strings.HasSuffix(before, "://") || middle != "" && !strings.Contains(middle, ".")
}

func (j judge) pkce(ctx context.Context) verdict {
	c := j.engine.registry.OAuth2ProviderConfig()
	switch {
	case !j.has("authorization_code"):
		return verdict{Of: "pkce", Accepted: true, Why: "nobody signs in by this client"}
	case c.GetEnforcePKCE(ctx), c.GetEnforcePKCEForPublicClients(ctx) && j.client.IsPublic():
		return verdict{
			Of: "pkce", Why: "a request without code_challenge is refused (invalid_request), and only after the person has signed in: the client has no secret, or all have to use PKCE",
			Cure: "send code_challenge with code_challenge_method=S256; every library of today does, in some by a setting called pkce",
		}
	}
	return verdict{Of: "pkce", Accepted: true, Why: "a request without code_challenge is taken, since the client has a secret; send it all the same (OAuth 2.1)"}
}
