package locale

import (
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// kratosTexts is the folder of Kratos' messages at the version in go.mod.
func kratosTexts(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/ory/kratos").Output()
	if err != nil || strings.TrimSpace(string(out)) == "" {
		t.Fatalf("finding the sources of Kratos: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "text")
}

// kratosMessages returns the numbers of all messages that Kratos can make, with the keys of what they
// carry. They are read from its source, so that a new one is noticed.
func kratosMessages(t *testing.T) map[int64][]string {
	t.Helper()
	dir, fset := kratosTexts(t), token.NewFileSet()
	ids, err := parser.ParseFile(fset, filepath.Join(dir, "id.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	checker := types.Config{Importer: importer.Default()}
	pkg, err := checker.Check("text", fset, []*ast.File{ids}, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "message_*.go"))
	if err != nil || len(files) < 6 {
		t.Fatalf("got %d files of messages, error %v", len(files), err)
	}
	found := map[int64][]string{}
	for _, name := range files {
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			message, ok := n.(*ast.CompositeLit)
			if !ok || !isIdent(message.Type, "Message") {
				return true
			}
			var id int64
			var keys []string
			for _, element := range message.Elts {
				field := element.(*ast.KeyValueExpr)
				if isIdent(field.Key, "ID") {
					known := pkg.Scope().Lookup(field.Value.(*ast.Ident).Name).(*types.Const)
					id, _ = constant.Int64Val(known.Val())
				}
				if isIdent(field.Key, "Context") {
					keys = mapKeys(field.Value)
				}
			}
			found[id] = keys
			return true
		})
	}
	return found
}

func isIdent(e ast.Expr, name string) bool {
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == name
}

func mapKeys(e ast.Expr) []string {
	var keys []string
	ast.Inspect(e, func(n ast.Node) bool {
		if pair, ok := n.(*ast.KeyValueExpr); ok {
			if key, err := strconv.Unquote(pair.Key.(*ast.BasicLit).Value); err == nil {
				keys = append(keys, key)
			}
		}
		return true
	})
	return keys
}

// sample is a value such as Kratos sends under a key of a context.
func sample(key string) any {
	switch {
	case strings.HasSuffix(key, "_at"), strings.HasSuffix(key, "At"):
		return "2026-03-01T22:30:00Z"
	case key == "allowed_types":
		return []any{"integer"}
	case strings.Contains(key, "length"), strings.Contains(key, "imum"), strings.Contains(key, "items"),
		strings.HasSuffix(key, "_unix"), key == "base", key == "actual", key == "breaches":
		return 12.0
	default:
		return "SAMPLE"
	}
}

func TestEveryMessageOfKratosIsSaidInEveryLanguage(t *testing.T) {
	// Secrets to be kept, not sentences.
	data := map[int64]bool{1050006: true, 1050009: true, 1050015: true}
	messages := kratosMessages(t)
	if len(messages) < 100 {
		t.Fatalf("only %d messages found: the scan is broken", len(messages))
	}
	const theirs = "as Kratos wrote it"
	for _, tag := range Languages() {
		p := in(t, tag)
		for id, keys := range messages {
			context := map[string]any{}
			for _, key := range keys {
				context[key] = sample(key)
			}
			fallback := theirs
			if id == 4000001 {
				fallback = `"x" is not valid "email"` // what it is about is in the sentence alone
			}
			got := p.Message(id, context, fallback)
			if (got == fallback) != data[id] {
				t.Errorf("%s: %d: got %q; a number has to be translated in message_*.go", tag, id, got)
			}
			if strings.Contains(got, "%!") || strings.Contains(got, "  ") || strings.Contains(got, "“”") {
				t.Errorf("%s: %d: got %q", tag, id, got)
			}
		}
	}
}

func TestMessagesSayWhatTheyCarry(t *testing.T) {
	used := map[string]any{"used_at": "2026-03-01T22:30:00Z"}
	link := map[string]any{"duplicate_identifier": "anna@example.com", "provider": "Google"}
	for _, tt := range []struct {
		tag      string
		id       int64
		context  map[string]any
		fallback string
		want     string
	}{
		{"de", 1010002, map[string]any{"provider": "Google"}, "", "Mit Google anmelden"},
		{"de", 1050014, used, "", "Verwendet am 1. März 2026"},
		{"en", 1050014, nil, "Secret was used at 0001", "Used"},
		{"en", 1010016, link, "", "anna@example.com belongs to an account already. Sign in to it in one of the ways below, and Google is added as another way to sign in."},
		{"en", 4000018, map[string]any{"minimum": 1234.5}, "", "Please enter 1,234.5 or more."},
		{"de", 4000018, map[string]any{"minimum": 1234.5}, "", "Bitte geben Sie 1.234,5 oder mehr ein."},
		{"en", 4000003, map[string]any{"min_length": 1.0}, "", "Please fill this in."},
		{"en", 4000032, map[string]any{"min_length": 8.0}, "", "Please use at least 8 characters."},
		{"fr", 1070002, map[string]any{"title": "E-Mail"}, "", "E-mail"},
		{"fr", 1070002, map[string]any{"title": "Shoe size"}, "", "Shoe size"},
		{"en", 4000001, nil, "100% new", "100% new"},
		{"en", 4000001, nil, `"x" is not valid "date"`, "Please enter a date."},
		{"en", 4000026, map[string]any{"allowed_types": []any{"object"}}, "", "Please check the format."},
		{"en", 4000029, map[string]any{"expected": "true"}, "", "This has to be accepted."},
		{"en", 9999999, nil, "from the future", "from the future"},
	} {
		t.Run(tt.tag+" "+strconv.FormatInt(tt.id, 10), func(t *testing.T) {
			if got := in(t, tt.tag).Message(tt.id, tt.context, tt.fallback); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
