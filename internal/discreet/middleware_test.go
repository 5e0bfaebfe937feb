package discreet_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/discreet"
	"example.com/identityd/internal/middleware"
)

const typed = "application/json; charset=utf-8"

func TestWhatIsToldOfAnError(t *testing.T) {
	const (
		ours = `"message":"Something went wrong on our side.","reason":"Please try again, and quote the request when you ask for help."`
		sql  = `named insert: ERROR: relation \"identities\" does not exist (SQLSTATE 42P01)`
	)
	for name, tt := range map[string]struct {
		cfg        discreet.Config
		path, kind string
		status     int
		body, want string
	}{
		"a failure keeps its code, its id and its request": {
			kind: typed, status: 500,
			body: `{"error":{"id":"some_kind","code":500,"status":"Internal Server Error","request":"r-9","message":"` + sql + `","debug":"x","details":{"a":"/var/lib/x"}}}`,
			want: `{"error":{"code":500,"id":"some_kind","message":"Something went wrong on our side.","reason":"Please try again, and quote the request when you ask for help.","request":"r-9","status":"Internal Server Error"}}`,
		},
		"a failure that says nothing bad is worded all the same": {
			kind: "application/problem+json", status: 502, body: `{"error":{"code":502,"reason":"upstream 10.0.0.1"}}`,
			want: `{"error":{"code":502,` + ours + `,"request":"r-1","status":"Bad Gateway"}}`,
		},
		"a failure of OAuth keeps its code": {
			cfg: discreet.Config{OAuth: true}, kind: typed, status: 503, body: `{"error":"temporarily_unavailable","error_description":"` + sql + `","error_debug":"x"}`,
			want: `{"error":"temporarily_unavailable","error_description":"The authorization server could not fulfill the request because of a failure of its own. Please try again."}`,
		},
		"a failure of OAuth whose code is a sentence gets one": {
			cfg: discreet.Config{OAuth: true}, kind: typed, status: 500, body: `{"error":"` + sql + `"}`,
			want: `{"error":"server_error","error_description":"The authorization server could not fulfill the request because of a failure of its own. Please try again."}`,
		},
		"a failure in plain text gets a shape": {
			kind: "text/plain", status: 500, body: "open /var/lib/identityd/kratos.sqlite: no such file",
			want: `{"error":{"code":500,` + ours + `,"request":"r-1","status":"Internal Server Error"}}`,
		},
		"a failure that only says it is JSON gets a shape": {
			cfg: discreet.Config{OAuth: true}, kind: typed, status: 500, body: `{"error":`,
			want: `{"error":"server_error","error_description":"The authorization server could not fulfill the request because of a failure of its own. Please try again."}`,
		},
		"a refusal keeps its words, byte by byte": {
			kind: typed, status: 400, body: `{"error":{"reason":"Requested return_to URL \"http://127.0.0.1/x.go\" is not allowed.", "n": 1}}`,
			want: `{"error":{"reason":"Requested return_to URL \"http://127.0.0.1/x.go\" is not allowed.", "n": 1}}`,
		},
		"a refusal that dialed does not say whom": {
			kind: typed, status: 400, body: `{"error":{"code":400,"reason":"dial tcp 10.1.2.3:443: prohibited IP address: 10.1.2.3 is not a public IP address","details":["lookup db.internal on 10.0.0.2:53: no such host"]}}`,
			want: `{"error":{"code":400,"details":["The request could not be fulfilled. Quote the request when you ask for help."],"reason":"The request could not be fulfilled. Quote the request when you ask for help."}}`,
		},
		"a refusal of OAuth too": {
			cfg: discreet.Config{OAuth: true}, kind: typed, status: 401, body: `{"error":"invalid_client","error_description":"Get \"http://10.0.0.1\": dial tcp 10.0.0.1:80: connect: connection refused"}`,
			want: `{"error":"invalid_client","error_description":"The request could not be fulfilled. Quote the request when you ask for help."}`,
		},
		"a refusal in plain text too":     {kind: "text/plain", status: 404, body: "stat /etc/identityd: permission denied", want: "Not Found"},
		"a refusal that is a flow stays":  {kind: typed, status: 400, body: `{"ui":{"action":"http://127.0.0.1:4433/a","messages":[]}}`, want: `{"ui":{"action":"http://127.0.0.1:4433/a","messages":[]}}`},
		"what is no error is not touched": {kind: typed, status: 200, body: `{"error":"dial tcp 10.0.0.1:80"}`, want: `{"error":"dial tcp 10.0.0.1:80"}`},
		"a stored failure is a failure": {
			cfg: stored(), path: "/stored", kind: typed, status: 200, body: `{"id":"a","error":{"code":500,"reason":"` + sql + `","debug":"x"},"created_at":"now"}`,
			want: `{"created_at":"now","error":{"code":500,` + ours + `,"status":"Internal Server Error"},"id":"a"}`,
		},
		"a stored refusal is one": {
			cfg: stored(), path: "/stored", kind: typed, status: 200, body: `{"id":"a","error":{"code":403,"reason":"no","debug":"dial tcp 10.0.0.1:80: i/o timeout"}}`,
			want: `{"error":{"code":403,"debug":"The request could not be fulfilled. Quote the request when you ask for help.","reason":"no"},"id":"a"}`,
		},
		"a number of many digits stays what it is": {
			kind: typed, status: 400, body: `{"error":{"n":12345678901234567890,"reason":"dial tcp 1.2.3.4:1"}}`,
			want: `{"error":{"n":12345678901234567890,"reason":"The request could not be fulfilled. Quote the request when you ask for help."}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := discreet.Middleware(tt.cfg)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tt.kind)
				w.Header().Set("Content-Length", "99999")
				w.WriteHeader(tt.status)
				w.Write([]byte(tt.body))
			}))
			r := httptest.NewRequest(http.MethodGet, "/"+strings.TrimPrefix(tt.path, "/"), nil)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r.WithContext(middleware.WithRequestID(r.Context(), "r-1")))
			if w.Code != tt.status {
				t.Errorf("got status %d, want %d", w.Code, tt.status)
			}
			if diff := cmp.Diff(tt.want, strings.TrimSpace(w.Body.String())); diff != "" {
				t.Errorf("body differs (-want +got):\n%s", diff)
			}
			if got := w.Header().Get("Content-Length"); got != "" && w.Body.String() != tt.body {
				t.Errorf("another body has the length of the old one: %s", got)
			}
		})
	}
}

func stored() discreet.Config {
	return discreet.Config{Stored: func(r *http.Request) bool { return r.URL.Path == "/stored" }}
}

func TestSentencesForPeopleTellNothing(t *testing.T) {
	for _, text := range []string{
		"The provided credentials are invalid, check for spelling mistakes in your password or username, email address, or phone number.",
		"The 'redirect_uri' parameter does not match any of the OAuth 2.0 Client's pre-registered redirect urls.",
		"Requested return_to URL \"https://127.0.0.1:3000/x\" is not allowed.",
		"The anti-CSRF cookie was found but the CSRF token was not included in the HTTP request body (csrf_token) nor in the HTTP Header (X-CSRF-Token).",
		"This backup recovery code has already been used.", "Unable to find a lookup secret.", "The request was already used and can no longer be changed.",
		"Public clients must use PKCE", "select an account from the list",
	} {
		if discreet.Tells(text) {
			t.Errorf("taken for one that tells of the inside: %s", text)
		}
	}
}
