package clientaddr_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"example.com/identityd/internal/clientaddr"
)

func networks(t testing.TB, list string) []netip.Prefix {
	t.Helper()
	var out []netip.Prefix
	for each := range strings.FieldsSeq(list) {
		out = append(out, netip.MustParsePrefix(each))
	}
	return out
}

func header(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

func TestWhoIsAtTheOtherEnd(t *testing.T) {
	const proxies = "10.0.0.0/8 fd00::/8"
	for name, tt := range map[string]struct {
		trusted, named, remote string
		sockets                bool
		lines                  []string
		want                   string // empty is nobody known
	}{
		"the connection, where no proxy is trusted":      {remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: 6.6.6.6"}, want: "10.0.0.1"},
		"the connection, where it is no proxy's":         {trusted: proxies, remote: "192.0.2.1:99", lines: []string{"X-Forwarded-For: 6.6.6.6"}, want: "192.0.2.1"},
		"the client that a proxy names":                  {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: 192.0.2.7"}, want: "192.0.2.7"},
		"the last that is no proxy, not what it claimed": {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: 6.6.6.6, 192.0.2.7, 10.0.0.9"}, want: "192.0.2.7"},
		"the last line of several":                       {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 192.0.2.7"}, want: "192.0.2.7"},
		"a proxy itself, where nobody else asked":        {trusted: proxies, remote: "10.0.0.1:99", want: "10.0.0.1"},
		"the farthest proxy, where all are":              {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: 10.0.0.3, 10.0.0.2"}, want: "10.0.0.3"},
		"the proxy that wrote no address":                {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: 6.6.6.6, unknown, 10.0.0.2"}, want: "10.0.0.2"},
		"the proxy that wrote nothing":                   {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: 6.6.6.6,"}, want: "10.0.0.1"},
		"an entry with a port":                           {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: 192.0.2.7:443"}, want: "192.0.2.7"},
		"an IPv6 entry":                                  {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: 2001:db8::7"}, want: "2001:db8::7"},
		"an IPv6 entry with a port":                      {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: [2001:db8::7]:443"}, want: "2001:db8::7"},
		"an IPv6 entry in brackets":                      {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: [2001:db8::7]"}, want: "2001:db8::7"},
		"an IPv4 entry in brackets is none":              {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: [192.0.2.7]"}, want: "10.0.0.1"},
		"an entry whose port is none":                    {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: 192.0.2.7:x"}, want: "10.0.0.1"},
		"an entry that goes on behind its brackets":      {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: [2001:db8::7]x"}, want: "10.0.0.1"},
		"an entry with a zone, which is another's word":  {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: fe80::1%eth0"}, want: "fe80::1"},
		"IPv4 that is written as IPv6":                   {trusted: proxies, remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: ::ffff:192.0.2.7"}, want: "192.0.2.7"},
		"a proxy whose address is IPv4 as IPv6":          {trusted: proxies, remote: "[::ffff:10.0.0.1]:99", lines: []string{"X-Forwarded-For: 192.0.2.7, ::ffff:10.0.0.2"}, want: "192.0.2.7"},
		"an IPv6 proxy with a zone":                      {trusted: "fe80::/10", remote: "[fe80::1%eth0]:99", lines: []string{"X-Forwarded-For: 192.0.2.7"}, want: "192.0.2.7"},
		"the named header and no other": {
			trusted: proxies, named: "CF-Connecting-IP", remote: "10.0.0.1:99",
			lines: []string{"X-Forwarded-For: 6.6.6.6", "Cf-Connecting-Ip: 192.0.2.7"}, want: "192.0.2.7",
		},
		"a proxy that left the named header out": {
			trusted: proxies, named: "X-Real-IP", remote: "10.0.0.1:99", lines: []string{"X-Forwarded-For: 6.6.6.6"}, want: "10.0.0.1",
		},
		"a header that a proxy added to what was there": {
			trusted: proxies, named: "X-Real-IP", remote: "10.0.0.1:99", lines: []string{"X-Real-IP: 6.6.6.6", "X-Real-IP: 192.0.2.7"}, want: "192.0.2.7",
		},
		"nobody, behind a socket":                  {trusted: proxies, remote: "@", lines: []string{"X-Forwarded-For: 6.6.6.6"}},
		"nobody, behind a socket that has no name": {remote: "", lines: []string{"X-Forwarded-For: 6.6.6.6"}},
		"the client behind a socket of a proxy":    {sockets: true, remote: "@", lines: []string{"X-Forwarded-For: 6.6.6.6, 192.0.2.7"}, want: "192.0.2.7"},
		"nobody, where the socket's proxy is mute": {sockets: true, remote: "@"},
		"the connection, though sockets are proxies'": {
			sockets: true, remote: "192.0.2.1:99", lines: []string{"X-Forwarded-For: 6.6.6.6"}, want: "192.0.2.1",
		},
		"RFC 7239": {
			trusted: proxies, named: "Forwarded", remote: "10.0.0.1:99",
			lines: []string{`Forwarded: for=6.6.6.6, For="[2001:db8::7]:4711";proto=https, for=10.0.0.2;by=10.0.0.1`}, want: "2001:db8::7",
		},
		"RFC 7239 with separators in quotes": {
			trusted: proxies, named: "forwarded", remote: "10.0.0.1:99",
			lines: []string{`Forwarded: for=192.0.2.7;host="a,for=6.6.6.6;b\",for=6.6.6.6"`}, want: "192.0.2.7",
		},
		"RFC 7239 without a word on the client": {
			trusted: proxies, named: "Forwarded", remote: "10.0.0.1:99", lines: []string{`Forwarded: for=6.6.6.6, proto=https`}, want: "10.0.0.1",
		},
		"RFC 7239 with an obfuscated client": {
			trusted: proxies, named: "Forwarded", remote: "10.0.0.1:99", lines: []string{`Forwarded: for=6.6.6.6, for=_hidden`}, want: "10.0.0.1",
		},
		"RFC 7239 with an obfuscated port": {
			trusted: proxies, named: "Forwarded", remote: "10.0.0.1:99", lines: []string{`Forwarded: for="192.0.2.7:_p"`}, want: "192.0.2.7",
		},
		"RFC 7239 with two answers to one question": {
			trusted: proxies, named: "Forwarded", remote: "10.0.0.1:99", lines: []string{`Forwarded: for=6.6.6.6;for=6.6.6.7`}, want: "10.0.0.1",
		},
		"RFC 7239 with a quote that swallows the next element": {
			trusted: proxies, named: "Forwarded", remote: "10.0.0.1:99", lines: []string{`Forwarded: for=6.6.6.6;x=", for=192.0.2.7`}, want: "10.0.0.1",
		},
		"RFC 7239 with a quote that ends in the next element": {
			trusted: proxies, named: "Forwarded", remote: "10.0.0.1:99", lines: []string{`Forwarded: for=6.6.6.6;x=", for="[2001:db8::7]"`}, want: "10.0.0.1",
		},
		"RFC 7239 with a quote that does not end": {
			trusted: proxies, named: "Forwarded", remote: "10.0.0.1:99", lines: []string{`Forwarded: for="192.0.2.7, for=6.6.6.6`}, want: "10.0.0.1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := clientaddr.New(clientaddr.Config{Trusted: networks(t, tt.trusted), Sockets: tt.sockets, Header: tt.named})
			got := c.Of(tt.remote, header(tt.lines...))
			var want netip.Addr
			if tt.want != "" {
				want = netip.MustParseAddr(tt.want)
			}
			if got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestWhatLimitsAreKeptBy(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.7":            "192.0.2.7/32",
		"::ffff:192.0.2.7":     "192.0.2.7/32",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"fe80::1%eth0":         "fe80::/64",
	} {
		if got := clientaddr.Prefix(netip.MustParseAddr(addr)).String(); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
	if got := clientaddr.Prefix(netip.Addr{}); got.IsValid() {
		t.Errorf("nobody: got %s, want no prefix", got)
	}
}

// FuzzForwarded: whatever a client writes to the left of what a trusted proxy added, the address found is
// what that proxy added.
func FuzzForwarded(f *testing.F) {
	for _, seed := range []string{
		"", "6.6.6.6", "6.6.6.6, ", `for="`, `for="[::1]`, `\"`, "for=1.1.1.1;for=2.2.2.2", `for=6.6.6.6;x="`, "fe80::1%eth0", ",,,", `"`, "::ffff:1.2.3.4", "10.0.0.1", `a="\`,
	} {
		f.Add(seed)
	}
	const real = "192.0.2.7"
	trusted := networks(f, "10.0.0.0/8")
	f.Fuzz(func(t *testing.T, claimed string) {
		for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded"} {
			c := clientaddr.New(clientaddr.Config{Trusted: trusted, Header: name})
			added := real
			if name == "Forwarded" {
				added = `for="` + real + `:443"`
			}
			if got := c.Of("192.0.2.1:1", http.Header{name: {claimed}}); got.String() != "192.0.2.1" {
				t.Errorf("%s %q of somebody who is not trusted: got %s", name, claimed, got)
			}
			// In one line as proxies do, and in a line of its own as they may.
			for _, values := range [][]string{{claimed + ", " + added}, {claimed, added}} {
				got := c.Of("10.0.0.1:1", http.Header{name: values})
				if got.String() != real && (name != "Forwarded" || !openQuote(claimed)) {
					t.Errorf("%s %q: got %s, want %s", name, values, got, real)
				}
				// Not even a quote that is left open may choose an address.
				if got.String() != real && got.String() != "10.0.0.1" {
					t.Errorf("%s %q: the client chose %s", name, values, got)
				}
			}
		}
	})
}

// openQuote reports whether what follows s would be within its quotes.
func openQuote(s string) bool {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		}
	}
	return quoted
}
