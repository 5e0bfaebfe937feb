package installation

import (
	"fmt"
	"strconv"
)

// Words are the words of the file that the facts come from.
type Words struct{ Issuer, RPID string }

// Consequences says what each difference does to people and applications, one sentence each.
func Consequences(differences []Difference, c Counts, w Words) []string {
	var out []string
	for _, d := range differences {
		out = append(out, sentence(d, c, w))
	}
	return out
}

func sentence(d Difference, c Counts, w Words) string {
	switch d.What {
	case Profile:
		return fmt.Sprintf("profile: this database belongs to a %s installation, and the file says %s", d.Was, d.Is)
	case Issuer:
		return fmt.Sprintf("%s: the issuer was %s and would be %s: every application (%s) must be told the new "+
			"issuer, and refuses ID tokens until then; %s and %s were made under the old one",
			w.Issuer, d.Was, d.Is, many(c.Clients, "client"), many(c.RefreshTokens, "refresh token"), many(c.Sessions, "session"))
	case RPID:
		verb := "s will stop working"
		if c.Passkeys == 1 {
			verb = " will stop working"
		}
		return fmt.Sprintf("%s: passkeys and security keys were for %s and would be for %s: %s passkey%s",
			w.RPID, d.Was, d.Is, number(c.Passkeys), verb)
	default:
		return fmt.Sprintf("hydra.oidc.subject_identifiers.pairwise.salt was %s and is %s: applications with pairwise "+
			"subjects will take everybody for somebody new", d.Was, d.Is)
	}
}

func many(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return number(n) + " " + what
}

// number groups digits, as in 4,211.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
