package outage

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/plainpage/plaintest"
	"example.com/identityd/internal/sqlseam"
)

func TestMain(m *testing.M) {
	sqlseam.Register()
	os.Exit(pgtest.Main(m))
}

// secret is what a database error says to the engines, which some of them pass on.
const secret = `ERROR: relation "identities" (SQLSTATE 57P01)`

// nowhere is a database that cannot be opened.
func nowhere(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open(sqlseam.PostgresDriver, "postgres://me:sesame@127.0.0.1:1/x?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// write answers with a status, whatever the database said.
func write(db *sql.DB, status int, header http.Header, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if db != nil {
			if err := db.PingContext(r.Context()); err == nil {
				panic("the database is there")
			}
		}
		for key, values := range header {
			w.Header()[key] = values
		}
		w.WriteHeader(status)
		io.WriteString(w, body) //nolint:errcheck // a recorder
	}
}

func serve(h http.Handler, method, path, accept string) *http.Response {
	rec := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, http.NoBody)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	h.ServeHTTP(rec, r)
	return rec.Result()
}

func text(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAnswersOfAnOutageAreReplaced(t *testing.T) {
	pages := plaintest.Middleware(t)
	db := nowhere(t)
	const browser = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
	answers := []struct {
		name   string
		status int
		header http.Header
		body   string
	}{
		{"a wrong verdict over a client", 401, nil, `{"error":"invalid_client"}`},
		{"a wrong verdict over a token", 200, http.Header{"Content-Type": {"application/json"}}, `{"active":false}`},
		{"an error that tells too much", 500, nil, secret},
		{"a redirect to the form", 303, http.Header{"Location": {"/login?flow=1"}}, ""},
		{"a success", 200, http.Header{"Etag": {`"1"`}, "Content-Length": {"2"}}, "{}"},
		{"a success beyond what is held back", 200, nil, strings.Repeat("x", limit+1)},
	}
	for _, a := range answers {
		for _, shape := range []struct {
			name   string
			shape  Shape
			path   string
			accept string
			check  func(*testing.T, string)
		}{
			{"to a client of Hydra", Hydra, "/oauth2/token", browser, wantOAuth},
			{"to a program elsewhere at Hydra", Hydra, "/admin/clients", "application/json", wantOAuth},
			{"to a browser at Hydra", Hydra, "/oauth2/auth", browser, wantPage},
			{"to a program at Kratos", Kratos, "/sessions/whoami", "", wantKratos},
			{"to a browser at Kratos", Kratos, "/self-service/login/browser", browser, wantPage},
		} {
			t.Run(a.name+" "+shape.name, func(t *testing.T) {
				a.header = a.header.Clone()
				if a.header == nil {
					a.header = http.Header{}
				}
				a.header.Set("Set-Cookie", "session=1")
				a.header.Set("Www-Authenticate", "Basic")
				a.header.Set("Access-Control-Allow-Origin", "https://app.example")
				h := pages(middleware.RequestID(Middleware(shape.shape)(write(db, a.status, a.header, a.body))))
				res := serve(h, http.MethodPost, shape.path, shape.accept)
				body := text(t, res)
				if got, want := res.StatusCode, http.StatusServiceUnavailable; got != want {
					t.Errorf("got %d, want %d", got, want)
				}
				want := map[string]string{
					"Retry-After": "1", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
					"Access-Control-Allow-Origin": "https://app.example",
					"Set-Cookie":                  "", "Location": "", "Www-Authenticate": "", "Etag": "", "Content-Length": "",
				}
				got := map[string]string{}
				for key := range want {
					got[key] = res.Header.Get(key)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("headers (-want +got):\n%s", diff)
				}
				for _, word := range []string{"SQLSTATE", "relation", "invalid_client", "active", "127.0.0.1"} {
					if strings.Contains(body, word) {
						t.Errorf("the answer says %q: %s", word, body)
					}
				}
				shape.check(t, body)
			})
		}
	}
}

func wantOAuth(t *testing.T, body string) {
	t.Helper()
	var got map[string]string
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	want := map[string]string{"error": "temporarily_unavailable", "error_description": description}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func wantKratos(t *testing.T, body string) {
	t.Helper()
	var got kratosError
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if got.Error.Request == "" {
		t.Error("the answer names no request")
	}
	got.Error.Request = ""
	want := kratosDetail{
		ID: "temporarily_unavailable", Code: 503, Status: "Service Unavailable", Reason: reason, Message: title + ".",
	}
	if diff := cmp.Diff(want, got.Error); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func wantPage(t *testing.T, body string) {
	t.Helper()
	page := htmltest.ParseString(t, body)
	if got, want := page.Text("h1"), title; got != want {
		t.Errorf("headline: got %q, want %q", got, want)
	}
	if page.Text("code") == "" {
		t.Error("the page names no request")
	}
}

func TestOtherAnswersPass(t *testing.T) {
	large := strings.Repeat("x", 3*limit)
	tests := []struct {
		name   string
		h      http.HandlerFunc
		status int
		body   string
		header string // of X-Answer
	}{
		{"a refusal", write(nil, 401, http.Header{"X-Answer": {"no"}}, `{"error":"invalid_client"}`), 401, `{"error":"invalid_client"}`, "no"},
		{"an introspection that refuses", write(nil, 200, http.Header{"Content-Type": {"application/json"}}, `{"active":false}`), 200, `{"active":false}`, ""},
		{"an error of another kind", write(nil, 500, nil, "oops"), 500, "oops", ""},
		{"an answer without a body", write(nil, 204, nil, ""), 204, "", ""},
		{"nothing at all", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Answer", "none") }, 200, "", "none"},
		{"what is larger than is held back", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Answer", "large")
			io.Copy(w, strings.NewReader(large)) //nolint:errcheck // a recorder
		}, 200, large, "large"},
		{"a header that comes too late is not sent", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusAccepted)
			w.Header().Set("X-Answer", "late")
			w.WriteHeader(http.StatusTeapot)
		}, 202, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := serve(Middleware(Hydra)(tt.h), http.MethodPost, "/oauth2/token", "")
			if got := res.StatusCode; got != tt.status {
				t.Errorf("got %d, want %d", got, tt.status)
			}
			if got := text(t, res); got != tt.body {
				t.Errorf("got a body of %d bytes, want %d", len(got), len(tt.body))
			}
			if got := res.Header.Get("X-Answer"); got != tt.header {
				t.Errorf("got header %q, want %q", got, tt.header)
			}
			if got := res.Header.Get("Retry-After"); got != "" {
				t.Errorf("got Retry-After %q", got)
			}
		})
	}
}

// A pool without a free connection makes a request wait within database/sql.
func TestTheDeadline(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		want   int
	}{
		{"a refusal", 401, `{"error":"invalid_client"}`, 503},
		{"an introspection that refuses", 200, `{"active":false}`, 503},
		{"a redirect", 303, "", 503},
		{"a success", 200, `{"active":true}`, 200},
		{"a success that has no verdict", 200, `[]`, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for cause, want := range map[error]int{context.DeadlineExceeded: tt.want, context.Canceled: tt.status} {
				h := Middleware(Hydra)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					<-r.Context().Done()
					w.Header().Set("Content-Type", "application/json; charset=utf-8")
					w.WriteHeader(tt.status)
					io.WriteString(w, tt.body) //nolint:errcheck // a recorder
				}))
				ctx, cancel := context.WithCancel(t.Context())
				if cause == context.DeadlineExceeded { //nolint:errorlint // one of the two above
					ctx, cancel = context.WithTimeout(ctx, 0)
				}
				cancel()
				rec := httptest.NewRecorder()
				h.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodPost, "/oauth2/introspect", http.NoBody))
				if got := rec.Code; got != want {
					t.Errorf("%v: got %d, want %d", cause, got, want)
				}
			}
		})
	}
}

func TestAnUpgradeIsLeftAlone(t *testing.T) {
	rec := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Upgrade", "websocket")
	var got http.ResponseWriter
	Middleware(Kratos)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { got = w })).ServeHTTP(rec, r)
	if got != http.ResponseWriter(rec) {
		t.Errorf("the handler got %T, want the server's own writer", got)
	}
}

func TestAPanicLeavesNothingBehind(t *testing.T) {
	rec := httptest.NewRecorder()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not pass")
			}
		}()
		Middleware(Kratos)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Set-Cookie", "session=1")
			io.WriteString(w, "half") //nolint:errcheck // a recorder
			panic("as asked")
		})).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	}()
	if rec.Body.Len() > 0 || len(rec.Header()) > 0 {
		t.Errorf("got %q with %v, want nothing", rec.Body, rec.Header())
	}
}
