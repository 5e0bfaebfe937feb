package logging_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/logging"
)

const secret = "s3cr3t-Value"

func TestText(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain text stays", "waiting for the database", "waiting for the database"},
		{"an address stays", "http://localhost:3000/login", "http://localhost:3000/login"},
		{
			"an address with a mail in its query stays",
			"http://localhost:3000/login?email=a@b.c", "http://localhost:3000/login?email=a@b.c",
		},
		{
			"a database's password goes",
			"postgres://app:" + secret + "@db:5432/kratos?sslmode=disable",
			"postgres://app:***@db:5432/kratos?sslmode=disable",
		},
		{
			"a password that nobody escaped goes whole",
			"dial cockroach://app:a/b@c:" + secret + "@db:26257/hydra failed",
			"dial cockroach://app:***@db:26257/hydra failed",
		},
		{
			"a mail server's password goes", "smtps://u:" + secret + "@mail:465/",
			"smtps://u:***@mail:465/",
		},
		{
			"a password in a web address goes", "https://u:" + secret + "@hooks.example.com/x",
			"https://u:***@hooks.example.com/x",
		},
		{
			"an address without a user is not taken for a database's", "postgres://db:5432/kratos",
			"postgres://db:5432/kratos",
		},
		{
			"a keyword DSN loses its password", "host=db user=app password=" + secret + " dbname=x",
			"host=db user=app password=*** dbname=x",
		},
		{
			"a quoted keyword DSN loses its password", `user=app password='a b\' ` + secret + `' x=1`,
			"user=app password=*** x=1",
		},
		{
			"challenges and codes go",
			"/login?login_challenge=" + secret + "&prompt=login&code=" + secret + "#x",
			"/login?login_challenge=***&prompt=login&code=***#x",
		},
		{
			"tokens in queries go", "GET /logout?id_token_hint=" + secret + "&state=1",
			"GET /logout?id_token_hint=***&state=1",
		},
		{
			"bearer tokens go", "sent Authorization: Bearer abcdefghijklmnopqrstuvwxyz",
			"sent Authorization: Bearer ***",
		},
		{"Ory's tokens go", "inactive ory_at_abc.DEF-_1 given", "inactive ory_at_*** given"},
	}
	r := logging.NewRedactor()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := r.Text(tt.in); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

type stringer struct{ text string }

func (s stringer) String() string { return s.text }

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

// TestNoSecretIsWritten tries each way a secret reaches a log call, in both formats.
func TestNoSecretIsWritten(t *testing.T) {
	dsn := "postgres://app:" + secret + "@db/kratos"
	parsed, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	attrs := map[string]slog.Attr{
		"a number": slog.Int("code", 731355219),
		"an error": slog.Any("err", fmt.Errorf("opening: %w", errors.New(dsn))),
		"a URL":    slog.Any("target", parsed), "a stringer": slog.Any("x", stringer{dsn}),
		"headers": slog.Any("headers", http.Header{
			"Cookie": {secret}, "Set-Cookie": {secret}, "Authorization": {"Basic " + secret},
		}),
		"a map":          slog.Any("data", map[string]any{"deep": map[string]any{"password": secret}}),
		"a struct":       slog.Any("data", struct{ ClientSecret string }{secret}),
		"a slice":        slog.Any("list", []string{"x", dsn}),
		"a group":        slog.Group("request", slog.String("login_challenge", secret)),
		"a group's name": slog.Group("secrets", slog.String("system", secret)),
		"a text":         slog.String("detail", "dialing "+dsn),
		"what panics":    slog.Any("err", (*nilError)(nil)),
		"what cannot be": slog.Any("fn", func() {}),
	}
	for _, key := range []string{
		"password", "secret", "token", "cookie", "set_cookie", "set-cookie", "Authorization", "dsn",
		"login_challenge", "consent_challenge", "code", "code_verifier", "client_secret",
		"access_token", "refreshToken", "csrf_token", "hydra_dsn", "private_key", "login_verifier",
	} {
		attrs["the key "+key] = slog.String(key, secret)
	}
	for name, attr := range attrs {
		for _, format := range []string{logging.FormatJSON, logging.FormatText} {
			t.Run(name+" is safe as "+format, func(t *testing.T) {
				var out bytes.Buffer
				log, _ := logging.New(&out, logging.Options{Format: format})
				log.Info("call", attr)
				log.With(attr).Info("with")
				log.Info("in the message: " + dsn)
				if got := out.String(); strings.Contains(got, secret) || strings.Contains(got, "731355219") {
					t.Errorf("the secret is written:\n%s", got)
				}
				if got := strings.Count(out.String(), "\n"); got != 3 {
					t.Errorf("got %d lines, want 3:\n%s", got, out.String())
				}
			})
		}
	}
}

func TestHarmlessValuesAreWrittenAsTheyAre(t *testing.T) {
	var out bytes.Buffer
	log, _ := logging.New(&out, logging.Options{})
	log.Info("listening", "addresses", []string{"127.0.0.1:3000", "[::1]:3000"}, "status", 200,
		"status_code", 503, "err", io.EOF, "duration_ms", 1.5, "ok", true)
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "time")
	want := map[string]any{
		"level": "INFO", "msg": "listening", "addresses": []any{"127.0.0.1:3000", "[::1]:3000"},
		"status": 200.0, "status_code": 503.0, "err": "EOF", "duration_ms": 1.5, "ok": true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
}

func FuzzTextNeverShowsADatabasePassword(f *testing.F) {
	for _, s := range []string{"p", "a@b", "a/b", "a:b", "a%40b", "?x=1", "#"} {
		f.Add(s)
	}
	r := logging.NewRedactor()
	f.Fuzz(func(t *testing.T, password string) {
		// White space and quotes end a URL for any reader.
		if password == "" || strings.ContainsAny(password, " \t\n\v\f\r\"'<>") ||
			strings.Contains("postgres://app:***@db/kratos", password) {
			t.Skip()
		}
		got := r.Text("postgres://app:" + password + "@db/kratos")
		if got != "postgres://app:***@db/kratos" {
			t.Errorf("got %q", got)
		}
	})
}
