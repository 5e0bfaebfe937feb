package adminguard

import (
	"strings"
	"testing"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestFilesOfTokens(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"the token itself, which is to stay unread":  {"idadm_secretsecret", "line 1: want"},
		"the token itself after a name":              {"ci all idadm_secretsecret", "line 1: want"},
		"an unknown scope":                           {"ci everything " + digest, "line 1: the second word must be scopes, of read, clients, identities, all"},
		"a hash that is cut off":                     {"ci all sha256:00", "line 1: the hash must be"},
		"a name with a quote":                        {`c"i all ` + digest, "line 1: the name must be"},
		"the same name twice, with a comment before": {"# a\nci all " + digest + "\nci read " + digest, "line 3: the name ci was used before"},
		"nothing but comments":                       {"# nobody\n\n", "there is no token in it"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse([]byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q in it", err, c.want)
			}
			if strings.Contains(err.Error(), "secretsecret") {
				t.Errorf("the error shows what may be a token: %v", err)
			}
		})
	}
	list, err := parse([]byte("ci clients,identities " + digest + "\r\n"))
	if err != nil || len(list) != 1 || !list[0].holder.may(Clients) || list[0].holder.may(All) {
		t.Errorf("got %v, %v, want one token for clients and identities", list, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("ci all " + digest))
	f.Add([]byte("# a\n\nci read,all sha256:zz"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := parse(raw)
		if err == nil && len(list) == 0 {
			t.Error("a file without a token opens the listener to nobody, and was taken")
		}
		for _, one := range list {
			if len(one.holder.Scopes) == 0 || !validName.MatchString(one.holder.Name) {
				t.Errorf("took %+v", one.holder)
			}
		}
	})
}

func FuzzAdmit(f *testing.F) {
	for _, s := range []string{"localhost", "127.0.0.1:4445", "[::1]", "evil.example", "127.0.0.1.evil", "localhost.evil:1", ":80", "[", "a:b:c"} {
		f.Add(s)
	}
	h := newHosts([]string{"admin.internal"})
	f.Fuzz(func(t *testing.T, host string) {
		if !h.admit(host) {
			return
		}
		low := strings.ToLower(host)
		for _, start := range []string{"localhost", "127.", "[", "::", "admin.internal"} {
			if strings.HasPrefix(low, start) {
				return
			}
		}
		// Longer spellings of the IPv6 loopback.
		if strings.Trim(low, "0:[]1.") == "" {
			return
		}
		if strings.Contains(low, "127.") && strings.Contains(low, "ffff") {
			return
		}
		t.Errorf("admitted %q", host)
	})
}
