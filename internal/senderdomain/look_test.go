package senderdomain

import (
	"context"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// zone is a name server for the names in it: TXT records, and "MX host" or "A" as others.
type zone map[string][]string

// serve answers on loopback until the test ends. Names beginning with "!" fail, as where a server is ill.
func (z zone) serve(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if out := z.answer(buf[:n]); out != nil {
				conn.WriteTo(out, from) //nolint:errcheck // the test notices
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done }) //nolint:errcheck // it only ends the goroutine
	at := conn.LocalAddr().String()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", at)
	}}
}

func (z zone) answer(raw []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(raw) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	name := strings.TrimSuffix(q.Name.String(), ".")
	records, known := z[name]
	if !known {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, one := range records {
		head := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 1}
		host, mx := strings.CutPrefix(one, "MX ")
		switch {
		case one == "ill":
			m.RCode = dnsmessage.RCodeServerFailure
		case mx && q.Type == dnsmessage.TypeMX:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.MXResource{MX: dnsmessage.MustNewName(host)}})
		case one == "A" && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}})
		case !mx && one != "A" && q.Type == dnsmessage.TypeTXT:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.TXTResource{TXT: []string{one}}})
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}

func TestWhatADomainSays(t *testing.T) {
	whole := zone{
		"example.com":                        {"MX mx.example.com.", "google-site-verification=1", "v=spf1 mx -all"},
		"selector1._domainkey.example.com":   {"v=DKIM1; k=rsa; p=MIGf"},
		"_dmarc.example.com":                 {"v=DMARC1; p=reject"},
		"mail.example.com":                   {"A", "v=spf1 +all"},
		"two.example.net":                    {"v=spf1 -all", "v=spf1 mx -all", "MX ."},
		"_dmarc.two.example.net":             {"v=DMARC1; p=none", "v=DMARC1; p=reject"},
		"ill.example.org":                    {"ill"},
		"_dmarc.ill.example.org":             {"ill"},
		"default._domainkey.ill.example.org": {"ill"},
	}
	r := whole.serve(t)
	for name, tt := range map[string]struct {
		domain string
		bad    map[string]string
	}{
		"a domain with everything is good":                  {"example.com", nil},
		"a subdomain has the DMARC of its parent":           {"mail.example.com", map[string]string{"SPF": "lets everybody send", "DKIM": "no key"}},
		"two records are as good as none":                   {"two.example.net", map[string]string{"SPF": "2 SPF records", "DMARC": "2 records", "MX": "takes no mail", "DKIM": "no key"}},
		"a name that nobody has":                            {"nobody.example", map[string]string{"SPF": "no SPF", "DMARC": "no DMARC", "MX": "neither MX nor address", "DKIM": "no key"}},
		"a name server that is ill is not a missing record": {"ill.example.org", map[string]string{"SPF": "does not answer", "DMARC": "does not answer", "MX": "does not answer", "DKIM": "does not answer"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range Look(t.Context(), r, tt.domain) {
				want, bad := tt.bad[n.Record]
				if n.Good == bad || !strings.Contains(n.Text, want) || (n.Cure == "") != n.Good {
					t.Errorf("got %+v, want %q", n, want)
				}
			}
		})
	}
}

func TestDomain(t *testing.T) {
	for address, want := range map[string]string{
		"no-reply@Example.COM": "example.com", "a@mail.example.co.uk": "mail.example.co.uk", "no-reply@localhost": "", "a@[192.0.2.1]": "",
		"a@com": "", "a@printer.local": "", "nobody": "",
	} {
		if got := Domain(address); got != want {
			t.Errorf("got %q for %s, want %q", got, address, want)
		}
	}
}
