package audit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatTheEnginesSayIsJudgedAtTheEndOfTheRequest(t *testing.T) {
	type said struct {
		name  string
		attrs map[string]string
	}
	code := map[string]string{"OAuth2ClientID": "c", "OAuth2Subject": person, "OAuth2GrantType": "authorization_code"}
	tests := []struct {
		name     string
		said     []said
		status   int
		identity string
		want     []string
	}{
		{
			name: "a transaction that was run again issued one token", status: 200,
			said: []said{{TokenIssued, code}, {TokenIssued, code}},
			want: []string{"OAuth2AccessTokenIssued done client c " + person + ` {"grant":"authorization_code"}`},
		},
		{
			name: "a transaction that was rolled back issued none", status: 400,
			said: []said{{TokenIssued, code}, {tokenRefused, map[string]string{"OAuth2ClientID": "c"}}},
			want: []string{"OAuth2TokenExchangeError failed client c  {}"},
		},
		{
			name: "what was answered with 503 is not done", status: 503,
			said: []said{{"LoginSucceeded", map[string]string{"IdentityID": person}}},
			want: []string{"LoginSucceeded failed person  " + person + ` {"answer":"503"}`},
		},
		{
			name: "a wrong password is that of the account that was looked at", status: 400, identity: person,
			said: []said{{"LoginFailed", map[string]string{"SelfServiceFlowType": "browser"}}},
			want: []string{"LoginFailed failed unknown  " + person + ` {"flow":"browser"}`},
		},
		{
			name: "a new account is one record", status: 303,
			said: []said{{"IdentityCreated", map[string]string{"IdentityID": person}}, {"RegistrationSucceeded", map[string]string{"IdentityID": person}}},
			want: []string{"RegistrationSucceeded done person  " + person + " {}"},
		},
		{
			name: "tokens that no person is asked for have none", status: 200,
			said: []said{{TokenIssued, map[string]string{"OAuth2ClientID": "c", "OAuth2Subject": "c", "OAuth2GrantType": "client_credentials"}}},
		},
		{
			name: "what people typed is not taken over", status: 500,
			said: []said{{"WebhookFailed", map[string]string{"Error": "body: secret", "WebhookRequestBody": "secret"}}},
			want: []string{`WebhookFailed failed    {"answer":"500"}`},
		},
		{
			name: "what is not known is there by its name", status: 200,
			said: []said{{"SomethingNew", map[string]string{"IdentityID": person, "Secret": "x"}}},
			want: []string{"EngineEvent done person  " + person + ` {"name":"SomethingNew"}`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := openDB(t)
			trail := openTrail(t, db)
			scene := &Scene{}
			ctx := WithScene(t.Context(), scene)
			scene.Identify(tt.identity)
			for _, s := range tt.said {
				trail.Saw(ctx, s.name, s.attrs)
			}
			trail.End(ctx, scene, tt.status)
			if err := trail.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			rows, err := db.Query(`SELECT kind || ' ' || outcome || ' ' || actor || ' ' || client_id || ' ' || subject || ' ' || details
				FROM identityd_audit WHERE kind NOT LIKE 'Writer%' ORDER BY seq`)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var got []string
			for rows.Next() {
				var line string
				if err := rows.Scan(&line); err != nil {
					t.Fatal(err)
				}
				got = append(got, line)
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryEventOfTheEnginesIsMapped reads the sources of the engines: every constant of the type that events
// have, and every text that is handed to AddEvent.
func TestEveryEventOfTheEnginesIsMapped(t *testing.T) {
	known := Kinds()
	found := map[string]string{}
	for _, module := range []string{"github.com/ory/kratos", "github.com/ory/hydra/v2", "github.com/ory/x", "github.com/ory/fosite"} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		if err != nil {
			t.Fatalf("finding the sources of %s: %v", module, err)
		}
		eventsIn(t, strings.TrimSpace(string(out)), found)
	}
	if len(found) < 35 { // there are 40 of them; fewer means that this test no longer finds them
		t.Fatalf("found only %d events", len(found))
	}
	for name, at := range found {
		if _, ok := known[name]; !ok {
			t.Errorf("%s (%s) has no row in kinds.go", name, at)
		}
	}
	for name, k := range known {
		if _, ok := found[name]; !ok && k.From != fromUs {
			t.Errorf("%s is in kinds.go, and %s does not say it", name, k.From)
		}
	}
}

func eventsIn(t *testing.T, root string, found map[string]string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "internal" && strings.HasSuffix(root, "client-go")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			var texts []ast.Expr
			switch n := n.(type) {
			case *ast.ValueSpec:
				switch typ := n.Type.(type) {
				case *ast.SelectorExpr: // semconv.Event
					if typ.Sel.Name == "Event" {
						texts = n.Values
					}
				case *ast.Ident: // within semconv
					if typ.Name == "Event" && strings.HasSuffix(filepath.Dir(path), "semconv") {
						texts = n.Values
					}
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "AddEvent" && len(n.Args) > 0 {
					texts = n.Args[:1]
				}
			}
			for _, e := range texts {
				if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if name, err := strconv.Unquote(lit.Value); err == nil {
						found[name] = strings.TrimPrefix(path, root)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
