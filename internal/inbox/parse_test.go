package inbox_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/inbox"
)

func TestParse(t *testing.T) {
	tests := map[string]struct {
		raw  string
		want identity.Mail
	}{
		"the parts of an alternative are both read": {
			crlf("Subject: s", `Content-Type: multipart/alternative; boundary=b`, "",
				"--b", "Content-Type: text/plain", "", "plain",
				"--b", "Content-Type: text/html", "", "<p>html</p>", "--b--"),
			identity.Mail{Subject: "s", Text: "plain", HTML: "<p>html</p>"},
		},
		"quoted printable and a foreign charset are decoded": {
			crlf("Content-Type: text/plain; charset=iso-8859-15",
				"Content-Transfer-Encoding: quoted-printable", "", "Gr=FC=DFe, 5 =A4, a long=", " line"),
			identity.Mail{Text: "Grüße, 5 €, a long line\n"},
		},
		"base64 is decoded": {
			crlf("Content-Type: text/html", "Content-Transfer-Encoding: base64", "", "PGI+aGk8L2I+"),
			identity.Mail{HTML: "<b>hi</b>"},
		},
		"encoded headers are decoded": {
			crlf("Subject: =?UTF-8?q?Gr=C3=BC=C3=9Fe?= =?iso-8859-1?b?5Q==?=",
				"From: =?utf-8?q?J=C3=B6?= <j@example.com>", "", "x"),
			identity.Mail{Subject: "Grüßeå", From: "Jö <j@example.com>", Text: "x\n"},
		},
		"an address without a name stands alone": {
			crlf("From: <j@example.com>", "", "x"), identity.Mail{From: "j@example.com", Text: "x\n"},
		},
		"a sender that is no address is shown as it is": {
			crlf("From: the cron job", "", "x"), identity.Mail{From: "the cron job", Text: "x\n"},
		},
		"an attachment is not the text": {
			crlf("Content-Type: multipart/mixed; boundary=b", "",
				"--b", "Content-Type: text/plain", "Content-Disposition: attachment; filename=a.txt", "", "file",
				"--b", "Content-Type: multipart/alternative; boundary=c", "",
				"--c", "Content-Type: text/plain", "", "body", "--c--", "--b--"),
			identity.Mail{Text: "body"},
		},
		"a mail of pictures only is shown as it came": {
			crlf("Content-Type: image/png", "", "x"), identity.Mail{Text: "Content-Type: image/png\n\nx\n"},
		},
		"an unknown charset is shown as well as can be": {
			crlf("Content-Type: text/plain; charset=klingon", "", "caf\xe9"),
			identity.Mail{Text: "caf\uFFFD\n"},
		},
		"an unknown encoding is left encoded": {
			crlf("Content-Type: text/plain", "Content-Transfer-Encoding: rot13", "", "uryyb"),
			identity.Mail{Text: "uryyb\n"},
		},
		"a body that breaks off is kept up to there": {
			crlf("Content-Type: multipart/alternative; boundary=b", "",
				"--b", "Content-Type: text/plain", "", "half of"),
			identity.Mail{Text: "half of"},
		},
		"control characters do not reach a page": {
			crlf("Subject: a\x1b[31mb\x00c", "", "x\x1b[2J\ty\x00"),
			identity.Mail{Subject: "a [31mb c", Text: "x[2J\ty\n"},
		},
		"a subject is one line of bounded length": {
			crlf("Subject: =?utf-8?q?a=0D=0Ab?= "+strings.Repeat("ü", 2000), "", "x"),
			identity.Mail{Subject: "a  b " + strings.Repeat("ü", 993), Text: "x\n"},
		},
		"no header at all": {"hello\r\n", identity.Mail{Text: "hello\n"}},
		"nothing":          {"", identity.Mail{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.want.From == "" {
				tt.want.From = "envelope@example.com"
			}
			tt.want.To = []string{"to@example.com"}
			got := inbox.Parse([]byte(tt.raw), "envelope@example.com", []string{"to@example.com"})
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(identity.Mail{}, "ID", "Date")); diff != "" {
				t.Errorf("mail (-want +got):\n%s", diff)
			}
		})
	}
}

// nested opens one part within another.
func nested(depth int) string {
	var out strings.Builder
	for i := range depth {
		fmt.Fprintf(&out, "Content-Type: multipart/mixed; boundary=b%05d\r\n\r\n--b%05d\r\n", i, i)
	}
	return out.String()
}

func TestPartsAreOpenedToABoundedDepth(t *testing.T) {
	for depth, want := range map[int]string{8: "<p>deep</p>", 9: ""} {
		raw := nested(depth) + "Content-Type: text/html\r\n\r\n<p>deep</p>"
		if got := inbox.Parse([]byte(raw), "a", nil).HTML; got != want {
			t.Errorf("got %q at depth %d, want %q", got, depth, want)
		}
	}
}

func TestParseIsBounded(t *testing.T) {
	tests := map[string]string{
		"of parts within parts, few are opened": nested(15000),
		"of many parts, few are read": "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
			strings.Repeat("--b\r\nContent-Type: image/png\r\n\r\nx\r\n", 25000),
		"of a long header, nothing is understood": "Subject: " + strings.Repeat("x", 1<<19) + "\r\n\r\nx",
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			allocs := testing.AllocsPerRun(1, func() {
				if m := inbox.Parse([]byte(raw), "a", nil); m.HTML != "" || m.Subject != "" {
					t.Errorf("got subject %q and HTML %q, want neither", m.Subject, m.HTML)
				}
			})
			if allocs > 5000 {
				t.Errorf("got %.0f allocations, want a bound", allocs)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Subject: s\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain; charset=utf-16\r\n\r\n123456\r\n" +
		"--b\r\nContent-Type: text/html\r\n\r\n<a href='http://h/?flow=1'>x\r\n--b--\r\n"))
	f.Add([]byte("From: =?utf-8?b?w7w=?= <a@b>\r\nContent-Transfer-Encoding: base64\r\n\r\n====\r\n"))
	f.Add([]byte("Content-Type: multipart/mixed\r\n\r\n--\r\n\r\n"))
	f.Add([]byte("\xff\xfe: \x00\r\n\r\n<script>654321"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := inbox.Parse(raw, string(raw), []string{string(raw)})
		for what, s := range map[string]string{
			"from": m.From, "to": m.To[0], "subject": m.Subject, "code": m.Code, "link": m.Link,
		} {
			if strings.ContainsAny(s, "\r\n\x00\x1b") || strings.ToValidUTF8(s, "") != s {
				t.Errorf("%s is not one clean line: %q", what, s)
			}
		}
		if m.Code != "" && (len(m.Code) != 6 || strings.Trim(m.Code, "0123456789") != "") {
			t.Errorf("code is %q, want six digits", m.Code)
		}
		if l := strings.ToLower(m.Link); l != "" && !strings.HasPrefix(l, "http") {
			t.Errorf("link is %q, want http or https", m.Link)
		}
	})
}
