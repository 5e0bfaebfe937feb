package stacktest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/why"
)

// TestWhyNoMailCame asks by the command itself: which mails were written is in the database alone.
func TestWhyNoMailCame(t *testing.T) {
	where := []Option{orStandIn(t), Set("data_dir", t.TempDir())}
	s := Start(t, append(where[:2:2], Set("identity.verification", "required"), Set("mail.from", "id@example.com"),
		Set("mail.smtp_url", "smtp://127.0.0.1:1/?disable_starttls=true"))...) // nobody listens there
	a := asker{Stack: s, before: map[string]string{}, answers: &answers{by: map[string]asAnswered{}}}
	b := NewBrowser(t)
	b.Open(s.URLs.UI + "/registration")
	b.Submit("form", map[string]string{"traits.email": "ada@example.com", "password": password, "method": "password"})
	id := a.last(t, "/self-service/registration")
	var got why.Answer
	for deadline := time.Now().Add(time.Minute); got.Cause != "mail_not_delivered" && time.Now().Before(deadline); {
		out, problems, code := command(t, where, "why", id, "--json")
		if code != 0 {
			t.Fatalf("got exit code %d: %s", code, problems)
		}
		got = why.Answer{}
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
	}
	if got.Cause != "mail_not_delivered" || !strings.Contains(got.Sentence, "did not leave") || !strings.Contains(got.Cure, "identityd mail test") {
		t.Errorf("got %q: %s", got.Cause, got.Sentence)
	}
	if strings.Contains(got.Sentence, "ada@example.com") {
		t.Errorf("the sentence says to whom: %s", got.Sentence)
	}
}
