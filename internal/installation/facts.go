package installation

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/url"
	"time"
)

// Facts are what cannot change without somebody noticing.
type Facts struct {
	// Profile is production or development.
	Profile string `json:"profile"`
	// Issuer is in every ID token, and applications refuse any other.
	Issuer string `json:"issuer"`
	// RPID is the domain that passkeys are bound to for ever.
	RPID string `json:"rp_id"`
	// Pairwise stands for the salt of pairwise subjects, which is secret; empty without one.
	Pairwise string `json:"pairwise"`
}

// Row is what the database knows of its installation.
type Row struct {
	Facts
	// ID names the installation, and never changes.
	ID      string    `json:"id"`
	Made    time.Time `json:"made"`
	MadeBy  string    `json:"made_by"`
	Changed time.Time `json:"changed"`
	// ChangedBy and MadeBy are versions of identityd.
	ChangedBy string `json:"changed_by"`
}

// Digest stands for a salt in the row. Whoever reads the database learns nothing of it.
func Digest(salt string) string {
	if salt == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(salt))
	mac.Write([]byte("identityd pairwise salt"))
	return hex.EncodeToString(mac.Sum(nil))
}

// Difference is one fact that the file sees otherwise than the database.
type Difference struct {
	// What is profile, issuer, rp_id or pairwise.
	What string `json:"what"`
	// Was is in the database, Is in the file; for pairwise both are only "set" or "not set".
	Was string `json:"was"`
	Is  string `json:"is"`
}

// The facts, as Difference.What names them.
const (
	Profile  = "profile"
	Issuer   = "issuer"
	RPID     = "rp_id"
	Pairwise = "pairwise"
)

// Compare says where the file disagrees with the database. A salt where there was none is no
// disagreement: nobody was named by it yet.
func Compare(was, is Facts) []Difference {
	var out []Difference
	add := func(what, was, is string) {
		if was != is {
			out = append(out, Difference{what, was, is})
		}
	}
	add(Profile, was.Profile, is.Profile)
	add(Issuer, was.Issuer, is.Issuer)
	add(RPID, was.RPID, is.RPID)
	if was.Pairwise != "" && was.Pairwise != is.Pairwise {
		now := "another"
		if is.Pairwise == "" {
			now = "not set"
		}
		out = append(out, Difference{Pairwise, "set", now})
	}
	return out
}

// Loopback says that nothing but this machine can reach the addresses of the facts, so that nobody else
// holds on to them.
func (f Facts) Loopback() bool {
	u, err := url.Parse(f.Issuer)
	return err == nil && loopback(u.Hostname()) && loopback(f.RPID)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
