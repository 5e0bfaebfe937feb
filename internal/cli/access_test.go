package cli

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

func TestAnIdentitydElsewhere(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		write(t, path, text)
		return path
	}
	var seen *http.Request
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		w.Header().Set("Link", `</admin/clients?page_token=first>; rel="first",</admin/clients?page_size=1&page_token=next>; rel="next"`)
		io.WriteString(w, `[{"client_id": "a"}]`) //nolint:errcheck // the client went away
	}))
	defer server.Close()
	ca := file("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	token := file("token", "idadm_secret\n")

	reach := func(f accessFlags, environ ...string) (*admin, string, error) {
		var stderr strings.Builder
		a := &app{stderr: &stderr, environ: environ, access: f}
		cmd := &cobra.Command{}
		new(accessFlags).register(cmd, engineHydra, engineKratos)
		d, err := a.reach(cmd)
		return d, stderr.String(), err
	}
	t.Run("is asked with the token of the file, over TLS, and its pages are followed", func(t *testing.T) {
		d, said, err := reach(accessFlags{hydra: server.URL + "/admin/", caFile: ca}, tokenFileVariable+"="+token)
		if err != nil || said != "" {
			t.Fatalf("got %v and %q", err, said)
		}
		var got []string
		next, err := paging{size: 1}.list(t.Context(), d.Hydra(), "/admin/clients", url.Values{"owner": {"me"}}, func(raw json.RawMessage) error {
			got = append(got, string(raw))
			return nil
		})
		if err != nil || next != "next" || len(got) != 1 {
			t.Errorf("got %v, next %q and %v, want one and the token of the next page", got, next, err)
		}
		if seen.URL.String() != "/admin/clients?owner=me&page_size=1" || seen.Header.Get("Authorization") != "Bearer idadm_secret" {
			t.Errorf("got %s with %s", seen.URL, seen.Header.Get("Authorization"))
		}
		if err := d.Kratos().Call(t.Context(), "GET", "/admin/identities", nil, nil); err == nil || !strings.Contains(err.Error(), "--kratos-endpoint") {
			t.Errorf("got %v, want that Kratos' admin API is named", err)
		}
	})
	t.Run("an authority that is not known ends it", func(t *testing.T) {
		d, _, err := reach(accessFlags{hydra: server.URL})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Hydra().Call(t.Context(), "GET", "/", nil, nil); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("got %v, want that the certificate is refused", err)
		}
	})
	t.Run("a token in the clear is warned of, but for loopback", func(t *testing.T) {
		for address, warned := range map[string]bool{"http://10.1.2.3:4445": true, "http://127.0.0.1:4445": false, "http://localhost:4445": false, "http://[::1]:4445": false, "https://id.example.com": false, "unix:/run/hydra.sock": false} {
			_, said, err := reach(accessFlags{hydra: address, tokenFile: token})
			if err != nil || strings.Contains(said, "unencrypted") != warned {
				t.Errorf("%s: got %v and %q, want a warning: %v", address, err, said, warned)
			}
		}
	})
	t.Run("mistakes name the flag", func(t *testing.T) {
		hashes := file("tokens", "deploy all sha256:00\n")
		for _, tt := range []struct {
			f    accessFlags
			want string
		}{
			{accessFlags{hydra: "127.0.0.1:4445"}, "--endpoint: must be http(s)://host:port or unix:/path"},
			{accessFlags{kratos: "ftp://a"}, "--kratos-endpoint: must be"},
			{accessFlags{hydra: "https://me:secret@a"}, "--endpoint: must be"},
			{accessFlags{hydra: server.URL, tokenFile: hashes}, "--token-file: " + hashes + " holds no token alone"},
			{accessFlags{hydra: server.URL, tokenFile: "nowhere"}, "--token-file: open nowhere"},
			{accessFlags{hydra: server.URL, caFile: token}, "--ca-file: " + token + " holds no certificate"},
			{accessFlags{hydra: server.URL, certFile: ca}, "--cert-file and --key-file go together"},
		} {
			if _, _, err := reach(tt.f); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		}
	})
}

func TestAnswersThatAreRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"of Kratos":           {400, `{"error":{"code":400,"reason":"The id is wrong.","message":"bad"}}`, "The id is wrong."},
		"without a reason":    {404, `{"error":{"code":404,"message":"Unable to locate the resource"}}`, "Unable to locate the resource"},
		"of Hydra":            {400, `{"error":"invalid_request","error_description":"The request is missing a required parameter, or is otherwise malformed. Say which."}`, "Say which."},
		"of a schema":         {400, `{"error":{"reason":"I[#/traits/email] S[#/properties/traits/properties/email/format] \"x\" is not valid \"email\""}}`, `traits.email: "x" is not valid "email"`},
		"of no engine":        {502, `<html>`, "there answers 502 Bad Gateway"},
		"for want of a token": {401, `{}`, "there wants a token or another one; name the file of one with --token-file (identityd admin token makes one)"},
		"while it starts":     {503, `{"error":{"reason":"opening the databases"}}`, "there is not ready: opening the databases"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.body) //nolint:errcheck // the client went away
			}))
			defer server.Close()
			err := (&adminAPI{base: server.URL, rt: http.DefaultTransport, at: "there"}).Call(t.Context(), "GET", "/", nil, nil)
			if !isStatus(err, tt.status) || err.Error() != tt.want {
				t.Errorf("got %v, want %d %q", err, tt.status, tt.want)
			}
		})
	}
}

func TestMomentsOfRevocations(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-11-27T06:00:00+01:00": "2026-11-27T05:00:00Z", "2026-11-26": "2026-11-26T00:00:00Z", "2h30m": "2026-11-27T09:30:00Z",
	} {
		if got, err := momentOf(text, now); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s: got %s, %v, want %s", text, got, err, want)
		}
	}
	if _, err := momentOf("yesterday", now); err == nil {
		t.Error("got a moment for yesterday, want none")
	}
}

func TestTraitsOfTheCommandLine(t *testing.T) {
	v := personValues{email: "a@example.com", traits: []string{"name.first=Anna", "name.last=Le=e", "age:=42", "tags:=[\"a\"]", "zip=01234"}}
	got, err := v.traitsOf()
	want := map[string]any{
		"email": "a@example.com", "name": map[string]any{"first": "Anna", "last": "Le=e"}, "age": 42.0, "tags": []any{"a"}, "zip": "01234",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
	for _, bad := range [][]string{{"name"}, {"=x"}, {":=1"}, {"a:=x"}, {"a=1", "a=2"}, {"a=1", "a.b=2"}, {"a.=1"}, {"email=b"}} {
		if got, err := (personValues{email: "a@example.com", traits: bad}).traitsOf(); err == nil {
			t.Errorf("%q: got %v, want an error", bad, got)
		}
	}
}

func TestAKeyThatIsNeededIsNotDeletable(t *testing.T) {
	now := time.Now()
	past, later := now.Add(-time.Minute), now.Add(time.Minute)
	keys := map[string]signingKey{"signs": {Signs: true}, "needed": {NeededUntil: &later}, "unknown": {}, "done": {NeededUntil: &past}}
	var list []signingKey
	for id, k := range keys {
		k.ID = id
		list = append(list, k)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"keys": list}) //nolint:errcheck // the client went away
	}))
	defer server.Close()
	d := &admin{engine: map[string]*adminAPI{engineHydra: {base: server.URL, rt: http.DefaultTransport}}}
	for id, want := range map[string]bool{"signs": false, "needed": false, "unknown": false, "done": true, "nobody": false} {
		if _, err := deletableKey(t.Context(), d, id, false, now); (err == nil) != want {
			t.Errorf("%s: got %v, want it deletable: %v", id, err, want)
		}
	}
	if _, err := deletableKey(t.Context(), d, "signs", true, now); err != nil {
		t.Errorf("with --force: got %v", err)
	}
}

func TestWhatOthersWroteDoesNotMoveTheCursor(t *testing.T) {
	if got := orDash("a\x1b[2Jb\u202e\nc"); got != "a\ufffd[2Jb\ufffd\ufffdc" {
		t.Errorf("got %q", got)
	}
}
