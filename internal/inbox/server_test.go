package inbox_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/smtp"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/identityd/internal/identity"
)

func TestKratosCourierDelivers(t *testing.T) {
	s, log := start(t)
	before := time.Now()
	send(t, t.Context(), s, kratosMail("zoe@example.com", "Use code 104729 to verify your account",
		"Hällo,\n\n104729\n\nhttp://127.0.0.1:4433/self-service/verification?code=104729&flow=f1\n",
		`<p>H&auml;llo</p><a href="http://127.0.0.1:4433/x">x</a>`))
	got := s.Mails()
	want := []identity.Mail{{
		From:    "Grüße & Söhne <no-reply@example.com>",
		To:      []string{"zoe@example.com"},
		Subject: "Use code 104729 to verify your account",
		Text: "Hällo,\n\n104729\n\n" +
			"http://127.0.0.1:4433/self-service/verification?code=104729&flow=f1\n",
		HTML: `<p>H&auml;llo</p><a href="http://127.0.0.1:4433/x">x</a>`,
		Code: "104729",
		Link: "http://127.0.0.1:4433/self-service/verification?code=104729&flow=f1",
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(identity.Mail{}, "ID", "Date")); diff != "" {
		t.Fatalf("mails (-want +got):\n%s", diff)
	}
	if got[0].ID == "" || got[0].Date.Before(before) || got[0].Date.After(time.Now()) {
		t.Errorf("got ID %q and date %s, want an ID and the time of arrival", got[0].ID, got[0].Date)
	}
	same, ok := s.Mail(got[0].ID)
	if diff := cmp.Diff(got[0], same); !ok || diff != "" {
		t.Errorf("mail by its ID: found %t, difference %s", ok, diff)
	}
	for _, secret := range []string{"104729", "example.com", "self-service"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log shows %q:\n%s", secret, log)
		}
	}
	if !strings.Contains(log.String(), got[0].ID) {
		t.Errorf("the log does not say that a mail came:\n%s", log)
	}
}

// A real server would refuse or lose this mail, so the inbox does not make it look right.
func TestKratosSpoilsAddressesBeyondASCII(t *testing.T) {
	s, _ := start(t)
	send(t, t.Context(), s, kratosMail("zoë@example.com", "one", "one", ""))
	want := []string{"=?UTF-8?q?zo=C3=AB@example.com?="}
	if diff := cmp.Diff(want, s.Mails()[0].To); diff != "" {
		t.Errorf("recipients (-want +got):\n%s", diff)
	}
}

func TestStandardLibraryDelivers(t *testing.T) {
	s, _ := start(t)
	body := crlf("Subject: hello", "", ".a line that begins with a dot", "bye")
	err := smtp.SendMail(host(t, s), nil, "from@example.com",
		[]string{"a@example.com", "b@example.com"}, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	want := []identity.Mail{{
		From: "from@example.com", To: []string{"a@example.com", "b@example.com"},
		Subject: "hello", Text: ".a line that begins with a dot\nbye\n",
	}}
	if diff := cmp.Diff(want, s.Mails(), cmpopts.IgnoreFields(identity.Mail{}, "ID", "Date")); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

func TestSeveralMailsOnOneConnectionKeepTheirEnvelopes(t *testing.T) {
	s, _ := start(t)
	c := client(t, s)
	for _, name := range []string{"one", "two"} {
		if err := deliver(c, "Subject: "+name+"\r\n\r\n"+name+"\r\n", name+"@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	var got [][]string
	for _, m := range s.Mails() {
		got = append(got, append([]string{m.Subject}, m.To...))
	}
	want := [][]string{{"two", "two@example.com"}, {"one", "one@example.com"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

func TestManySendersAtOnce(t *testing.T) {
	s, _ := start(t)
	const senders, each = 50, 3 // more senders than connections are let in
	errs := make([]error, senders)
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for j := range each {
				subject := fmt.Sprintf("mail %d of sender %d", j, i)
				errs[i] = errors.Join(errs[i], smtp.SendMail(host(t, s), nil, "from@example.com",
					[]string{"to@example.com"}, []byte("Subject: "+subject+"\r\n\r\nhello\r\n")))
				s.Mails()
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	subjects, ids := map[string]bool{}, map[string]bool{}
	for _, m := range s.Mails() {
		subjects[m.Subject], ids[m.ID] = true, true
	}
	if len(subjects) != senders*each || len(ids) != senders*each {
		t.Errorf("got %d subjects and %d IDs, want %d of each", len(subjects), len(ids), senders*each)
	}
}

func TestLimits(t *testing.T) {
	tests := map[string]struct {
		body string
		to   int
		code int
	}{
		"a mail of more than a mebibyte is refused for good": {
			body: strings.Repeat(strings.Repeat("x", 998)+"\r\n", 1100), to: 1, code: 552,
		},
		"a mail to more than a hundred people is refused": {body: "hello", to: 101, code: 452},
		"a line of more than two thousand characters is refused": {
			body: strings.Repeat("x", 3000), to: 1, code: 554,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, _ := start(t)
			to := make([]string, tt.to)
			for i := range to {
				to[i] = fmt.Sprintf("to%d@example.com", i)
			}
			err := deliver(client(t, s), "Subject: x\r\n\r\n"+tt.body+"\r\n", to...)
			var answer *textproto.Error
			if !errors.As(err, &answer) || answer.Code != tt.code {
				t.Errorf("got %v, want an answer of %d", err, tt.code)
			}
			if got := len(s.Mails()); got != 0 {
				t.Errorf("got %d mails, want none", got)
			}
			if err := deliver(client(t, s), "Subject: y\r\n\r\nhello\r\n", "to@example.com"); err != nil {
				t.Errorf("the next mail was not taken: %v", err)
			}
		})
	}
}

func TestBrowserThatPostsToTheMailServerIsHungUpOn(t *testing.T) {
	s, _ := start(t)
	c := dial(t, s)
	_, err := io.WriteString(c, crlf("POST / HTTP/1.1", "Host: 127.0.0.1", "Origin: https://evil.example",
		"Content-Type: text/plain", "Accept: */*", "", "EHLO evil.example",
		"MAIL FROM:<evil@example.com>", "RCPT TO:<a@example.com>", "DATA", "Subject: x", "", "x", "."))
	if err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(c) // ends, by EOF or reset, because the server hangs up
	if !strings.Contains(string(answer), "Too many errors") {
		t.Errorf("got %q, want the connection to be ended for its errors", answer)
	}
	if got := len(s.Mails()); got != 0 {
		t.Errorf("got %d mails, want none", got)
	}
}

func TestClearForgets(t *testing.T) {
	s, _ := start(t)
	send(t, t.Context(), s, kratosMail("a@example.com", "one", "one", ""))
	id := s.Mails()[0].ID
	s.Clear()
	if _, ok := s.Mail(id); ok || len(s.Mails()) != 0 {
		t.Errorf("got %v, want nothing", s.Mails())
	}
	send(t, t.Context(), s, kratosMail("a@example.com", "two", "two", ""))
	if got := s.Mails(); len(got) != 1 || got[0].Subject != "two" {
		t.Errorf("got %v, want the mail that came afterwards", got)
	}
}

func TestMailsAreTheCallersOwn(t *testing.T) {
	s, _ := start(t)
	send(t, t.Context(), s, kratosMail("a@example.com", "one", "one", ""))
	s.Mails()[0].To[0] = "changed"
	if got := s.Mails()[0].To[0]; got != "a@example.com" {
		t.Errorf("got %q, want the kept mail unchanged", got)
	}
}

func TestCloseDoesNotWaitForIdleClients(t *testing.T) {
	s, _ := start(t)
	c := dial(t, s)
	greeting, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.HasPrefix(greeting, "220 ") {
		t.Fatalf("got %q, %v, want a greeting", greeting, err)
	}
	begin := time.Now()
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatalf("closing: %v", err)
		}
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("closing took %s, want no wait for the client", took)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the client is still connected")
	}
	if refused := letIn(t, s); refused == nil {
		t.Error("a new client was let in")
	}
}

func TestRunClosesWhenItsContextEnds(t *testing.T) {
	s, _ := start(t)
	send(t, t.Context(), s, kratosMail("a@example.com", "one", "one", ""))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Fatalf("running: %v", err)
	}
	if refused := letIn(t, s); refused == nil {
		t.Error("a client was let in after the end")
	}
	if got := len(s.Mails()); got != 1 {
		t.Errorf("got %d mails, want the one that came before the end", got)
	}
}

func TestRunReturnsWhenTheServerIsClosed(t *testing.T) {
	s, _ := start(t)
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("running: %v", err)
	}
}

func TestClosingWhileClientsComeLeavesNothing(t *testing.T) {
	for range 20 { // goleak in TestMain is the judge
		s, _ := start(t)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				// Refused, cut off or served: whichever comes first.
				_ = smtp.SendMail(host(t, s), nil, "from@example.com", []string{"a@example.com"},
					[]byte("Subject: x\r\n\r\nx\r\n"))
			})
		}
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		wg.Wait()
	}
}
