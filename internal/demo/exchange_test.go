package demo

import (
	"errors"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestARequestIsKeptWithoutTheSecret(t *testing.T) {
	const secret = "s3cret"
	rec := &recorder{name: "Token request", secret: secret, next: roundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if got := string(body); got != "client_secret=s3cret&code=it%27s" {
			t.Errorf("the provider got %q", got)
		}
		return &http.Response{
			Status: "200 OK", StatusCode: 200, Header: http.Header{"Content-Type": {"text/plain"}, "X-Other": {"x"}},
			Body: io.NopCloser(strings.NewReader("your secret is s3cret")),
		}, nil
	})}
	req, err := http.NewRequestWithContext(t.Context(), "POST", "http://op.test/token", strings.NewReader("client_secret=s3cret&code=it%27s"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("an id", secret)
	res, err := rec.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	passed, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if got := string(passed); got != "your secret is s3cret" {
		t.Errorf("the caller got %q, want the answer as it came", got)
	}
	want := []exchange{{
		Name: "Token request", Method: "POST", URL: "http://op.test/token",
		Header: []pair{{"Authorization", "Basic ***"}, {"Content-Type", "application/x-www-form-urlencoded"}},
		Form:   []pair{{"client_secret", "***"}, {"code", "it's"}},
		Curl: `curl 'http://op.test/token' \
  -u 'an id:'"$CLIENT_SECRET" \
  --data-urlencode 'client_secret='"$CLIENT_SECRET" \
  --data-urlencode 'code=it'\''s'`,
		Status: "200 OK", OK: true, Answer: []pair{{"Content-Type", "text/plain"}}, Reply: "your secret is ***",
	}}
	if diff := cmp.Diff(want, rec.seen); diff != "" {
		t.Error(diff)
	}
}

func TestARequestWithoutAnAnswerIsKeptToo(t *testing.T) {
	rec := &recorder{next: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("gone") })}
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://op.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := rec.RoundTrip(req); err == nil {
		res.Body.Close()
		t.Error("got an answer, want the error")
	}
	if len(rec.seen) != 1 || rec.seen[0].Status != "" || rec.seen[0].Curl != "curl 'http://op.test/'" {
		t.Errorf("got %+v, want the request alone", rec.seen)
	}
}

// TestCurlLinesMeanTheSameToAShell lets a shell take a line apart.
func TestCurlLinesMeanTheSameToAShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell here")
	}
	x := exchange{
		Method: "PUT", URL: "http://op.test/a b?q=$HOME&r='`id`", Header: []pair{{"Accept", `"*\*"`}, {"Content-Type", "application/json"}},
		Body: "{\n  \"a\": \"it's $(id)\"\n}",
	}
	cmd := exec.CommandContext(t.Context(), sh, "-c", `curl() { printf '%s\0' "$@"; }; `+curl(x, "me"))
	cmd.Env = []string{"CLIENT_SECRET=s3 cret"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"-X", "PUT", x.URL, "-u", "me:s3 cret", "-H", `Accept: "*\*"`, "-H", "Content-Type: application/json", "-d", x.Body, "",
	}
	if diff := cmp.Diff(want, strings.Split(string(out), "\x00")); diff != "" {
		t.Error(diff)
	}
}
