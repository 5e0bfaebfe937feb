package inbox_test

import (
	"testing"

	"example.com/identityd/internal/inbox"
)

const (
	verify = "http://127.0.0.1:4433/self-service/verification?code=135790&flow=5d0e2c6e-0a53-4f4b-8f3e-c1a1f0123456"
	token  = "http://127.0.0.1:4433/self-service/recovery?flow=5d0e2c6e-0a53-4f4b-8f3e-c1a1f0123456&token=abc"
)

// The texts are those of Kratos' courier/template/courier/builtin/templates.
func TestCodeAndLinkAreFound(t *testing.T) {
	tests := map[string]struct {
		subject, text, html string
		code, link          string
	}{
		"of a sign-in code": {
			subject: "Use code 135790 to log in",
			text:    "Login to your account with the following code:\n\n135790\n\nIt expires in 60 minutes.\n",
			code:    "135790",
		},
		"of a recovery code": {
			subject: "Use code 135790 to recover access to your account",
			text: "Recover access to your account by entering the following code:\n\n135790\n\n" +
				"If this was not you, do nothing. This code expires in 60 minutes.\n",
			code: "135790",
		},
		"of a registration code": {
			subject: "Use code 135790 to complete your account registration",
			text: "Complete your account registration with the following code:\n\n135790\n\n" +
				"This code expires in 60 minutes.\n",
			code: "135790",
		},
		"of a verification code with a link": {
			subject: "Use code 135790 to verify your account",
			text: "Verify your account with the following code:\n\n135790\n\nor clicking the following link:\n\n" +
				verify + "\n\nIf this was not you, do nothing. This code / link expires in 60 minutes.\n",
			code: "135790", link: verify,
		},
		"of a recovery link, which has no code": {
			subject: "Recover access to your account",
			text: "Recover access to your account by clicking the following link:\n\n" + token +
				"\n\nIf this was not you, do nothing. This link expires in 60 minutes.\n",
			link: token,
		},
		"of a mail to an address that is not known, nothing": {
			subject: "Account access attempted",
			text:    "Hi,\n\nyou (or someone else) entered this email address when trying to recover access.\n",
		},
		"of a mail in HTML only": {
			subject: "Hello",
			html: `<head><style>p { color: 111111 }</style></head><p>Your code</p><p><b>135</b><span>790</span></p>` +
				`<a href="https://example.com/logo">x</a><a class=b href="http://127.0.0.1:4433/verification?a=1&amp;flow=2">y</a>`,
			code: "135790", link: "http://127.0.0.1:4433/verification?a=1&flow=2",
		},
		"of a sentence in HTML, not of its style sheet": {
			html: `<style>p { width: 111111 }</style><p>Your code is <b>135790</b>.</p>`, code: "135790",
		},
		"of a code in the link alone":         {text: "Click " + verify, code: "135790", link: verify},
		"of a code in the subject alone":      {subject: "Code: 135790.", text: "see above", code: "135790"},
		"of a sentence":                       {text: "Your code (135790), please.", code: "135790"},
		"of a line of its own before others":  {text: "Order 222222\n135790\n", code: "135790"},
		"of a link in brackets":               {text: "(see <" + token + ">).", link: token},
		"of a link at the end of a sentence":  {text: "Open " + token + ".", link: token},
		"not of digits within something else": {text: "#135790 1357901 a135790 135790-1 1,135790 +135790 13579"},
		"not of a link without a flow":        {text: "https://example.com/135790/?code=135790"},
		"not of a link of another scheme":     {html: `<a href="javascript:alert(1)//?flow=1">x</a>`},
		"not of a link with a user in it":     {text: "http://127.0.0.1:4433@evil.example/?flow=1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, _ := start(t)
			m := kratosMail("a@example.com", tt.subject, tt.text, tt.html)
			if tt.text == "" {
				m.SetBody("text/html", tt.html)
			}
			send(t, t.Context(), s, m)
			got := s.Mails()[0]
			if got.Code != tt.code || got.Link != tt.link {
				t.Errorf("got code %q and link %q, want %q and %q", got.Code, got.Link, tt.code, tt.link)
			}
		})
	}
}

func TestLinkPointsToAPageOfOursOnly(t *testing.T) {
	tests := map[string]struct {
		origins    []string
		text, want string
	}{
		"the first of ours, not the first": {
			origins: []string{"https://login.example.com", "http://127.0.0.1:4433/"},
			text:    "https://evil.example/?flow=1 " + token + " " + verify, want: token,
		},
		"whatever the case of the host": {
			origins: []string{"http://localhost:4433"},
			text:    "HTTP://LocalHost:4433/a?flow=1", want: "http://LocalHost:4433/a?flow=1",
		},
		"not on another port": {
			origins: []string{"http://127.0.0.1:4434"}, text: token,
		},
		"not on a host that only begins alike": {
			origins: []string{"http://127.0.0.1"}, text: "http://127.0.0.1.evil.example/?flow=1",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			raw := []byte("Subject: s\r\n\r\n" + tt.text + "\r\n")
			if got := inbox.Parse(raw, "", nil, tt.origins...).Link; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
