package doctor

import (
	"context"
	"strings"
	"time"
)

// oldKey is the age at which a signing key has had its time.
const oldKey = 2 * 365 * 24 * time.Hour

// signingKeys looks at Hydra's keys. Their material is sealed; when they were made is not.
func signingKeys() Check {
	return Check{
		Area: Secrets, Name: "signing keys", Tells: "Hydra has signing keys, and the newest is younger than two years", Needs: NeedsTables,
		Run: func(ctx context.Context, s *Subject) []Finding {
			rows, err := s.Hydra(ctx).DB.QueryContext(ctx, "SELECT sid, kid, created_at FROM hydra_jwk ORDER BY sid, created_at")
			if err != nil {
				return []Finding{Skippedf("the keys cannot be read")}
			}
			defer rows.Close()
			newest := map[string]time.Time{}
			for rows.Next() {
				var (
					set, kid string
					made     time.Time
				)
				if rows.Scan(&set, &kid, &made) != nil {
					return []Finding{Skippedf("the keys cannot be read")}
				}
				if made.After(newest[set]) {
					newest[set] = made
				}
			}
			if rows.Err() != nil {
				return []Finding{Skippedf("the keys cannot be read")}
			}
			return s.judgeKeys(newest)
		},
	}
}

// The sets that Hydra signs with (hydra: x/const.go).
const (
	idTokenKeys     = "hydra.openid.id-token"
	accessTokenKeys = "hydra.jwt.access-token"
)

func (s *Subject) judgeKeys(newest map[string]time.Time) []Finding {
	var out []Finding
	need := []string{idTokenKeys}
	if strings.EqualFold(string(s.Config.Tokens.Format), "jwt") {
		need = append(need, accessTokenKeys)
	}
	for _, set := range need {
		made, there := newest[set]
		switch {
		case !there:
			out = append(out, Faultf("the key set %s is empty: no ID token can be signed", set).Cured("run identityd migrate, or start identityd: both make keys"))
		case s.now().Sub(made) > oldKey:
			out = append(out, Warningf("the newest key of %s is of %s", set, made.UTC().Format(time.DateOnly)).Cured("run identityd key rotate"))
		}
	}
	return out
}
