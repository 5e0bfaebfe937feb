package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// issuerAnswers asks the issuer for its documents from the outside, as applications do.
func issuerAnswers() Check {
	return Check{
		Area: Addresses, Name: "issuer", Tells: "the issuer answers from the outside as itself, with our keys",
		Words: []string{"origin", "urls", "listen", "tls"}, Needs: NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding { return s.askIssuer(ctx) },
	}
}

func (s *Subject) askIssuer(ctx context.Context) []Finding {
	us := s.issuer()
	if us == nil {
		return []Finding{Skippedf("the issuer follows from a listener, and no identityd runs from data_dir")}
	}
	at := strings.TrimRight(us.raw, "/") + "/.well-known/openid-configuration"
	a, err := s.Net.ask(ctx, http.MethodGet, at, nil)
	if err != nil {
		if s.Process == nil {
			return []Finding{Skippedf("no identityd runs from data_dir, and at %s %s", us.raw, unreached(err))}
		}
		return []Finding{Faultf("%s: %s cannot be reached from here: %s", us.word, us.raw, unreached(err)).
			Cured("look at the name, the firewall and the proxy in front of listen.%s; applications need this address too", us.listener)}
	}
	if f := s.judgeAnswer(*us, a); f != nil {
		return f
	}
	var said struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if json.Unmarshal(a.body, &said) != nil || said.Issuer == "" {
		return []Finding{Faultf("%s: what answers at %s is no issuer", us.word, us.raw).
			Cured("let the proxy pass /.well-known/ and /oauth2/ on to listen.%s", us.listener)}
	}
	if said.Issuer != us.raw {
		cure := fmt.Sprintf("write %s: %s, or correct what is behind that address", us.word, said.Issuer)
		if strings.TrimRight(said.Issuer, "/") == strings.TrimRight(us.raw, "/") {
			cure = fmt.Sprintf("they differ in a slash at the end, which counts; write %s: %s", us.word, said.Issuer)
		}
		return []Finding{Faultf("%s: %s answers as another, %q: no token that it signs is accepted", us.word, us.raw, said.Issuer).Cured("%s", cure)}
	}
	return s.askKeys(ctx, *us, said.Keys)
}

// judgeAnswer returns what is wrong with an answer that is no document.
func (s *Subject) judgeAnswer(us public, a answer) []Finding {
	cure := fmt.Sprintf("let the proxy pass /.well-known/ and /oauth2/ on to listen.%s", us.listener)
	switch {
	case a.status == http.StatusOK:
		return nil
	case a.location != "":
		to := a.location
		if u, err := url.Parse(us.raw); err == nil {
			if r, err := u.Parse(to); err == nil {
				r.RawQuery = ""
				to = r.String()
			}
		}
		return []Finding{Faultf("%s: %s redirects to %s, which applications do not follow", us.word, us.raw, strings.TrimSuffix(to, "/.well-known/openid-configuration")).
			Cured("write the address there into %s, or let the proxy answer here", us.word)}
	case a.status == http.StatusServiceUnavailable && s.Process != nil && !s.Process.Ready:
		return []Finding{Warningf("%s: %s says that it is not ready", us.word, us.raw).Cured("run identityd doctor again when it is")}
	case a.status == http.StatusBadGateway, a.status == http.StatusGatewayTimeout, a.status == http.StatusServiceUnavailable:
		cure = fmt.Sprintf("the proxy does not reach listen.%s: correct where it looks, or start identityd", us.listener)
	}
	return []Finding{Faultf("%s: %s answers %d for its discovery document", us.word, us.raw, a.status).Cured("%s", cure)}
}

// publicKey is a key by its name.
type publicKey struct {
	ID string `json:"kid"`
}

// askKeys compares the keys that applications are given with those in the database.
func (s *Subject) askKeys(ctx context.Context, us public, at string) []Finding {
	u, err := url.Parse(at)
	if err != nil || u.Host == "" {
		return []Finding{Faultf("%s: %s names no address of its keys (got %q)", us.word, us.raw, at).Cured("remove kratos: and hydra: settings of it")}
	}
	a, err := s.Net.ask(ctx, http.MethodGet, at, nil)
	var set struct {
		Keys []publicKey `json:"keys"`
	}
	switch {
	case err != nil:
		return []Finding{Faultf("%s: the keys at %s cannot be reached: %s", us.word, at, unreached(err)).Cured("let the proxy pass /.well-known/jwks.json on")}
	case a.status != http.StatusOK || json.Unmarshal(a.body, &set) != nil || len(set.Keys) == 0:
		return []Finding{Faultf("%s: there are no keys at %s (answer %d)", us.word, at, a.status).Cured("let the proxy pass /.well-known/jwks.json on")}
	}
	ours, known := s.ownKeys(ctx)
	if !known {
		return []Finding{Okf("%s answers as itself; the database did not say which keys are ours", us.raw)}
	}
	if !slices.ContainsFunc(set.Keys, func(k publicKey) bool { return ours[strings.TrimPrefix(k.ID, "public:")] }) {
		return []Finding{Faultf("%s: %s has other keys than this database: it is another installation with the same name", us.word, us.raw).
			Cured("correct where the name or the proxy leads, or database.url")}
	}
	return []Finding{Okf("%s answers as itself, with our keys", us.raw)}
}

// ownKeys are the names of the keys that Hydra signs with.
func (s *Subject) ownKeys(ctx context.Context) (map[string]bool, bool) {
	db := s.Hydra(ctx)
	if db.Err != nil || !db.Tables || db.DB == nil {
		return nil, false
	}
	// The sets that Hydra signs with (hydra: x/const.go).
	rows, err := db.DB.QueryContext(ctx, "SELECT kid FROM hydra_jwk WHERE sid IN ('hydra.openid.id-token', 'hydra.jwt.access-token')")
	if err != nil {
		return nil, false
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var kid string
		if rows.Scan(&kid) != nil {
			return nil, false
		}
		out[strings.TrimPrefix(strings.TrimPrefix(kid, "public:"), "private:")] = true
	}
	return out, rows.Err() == nil && len(out) > 0
}
