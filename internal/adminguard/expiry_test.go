package adminguard

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.com/identityd/internal/tried"
)

func TestATokenEndsWithItsDay(t *testing.T) {
	today := time.Now().UTC()
	for name, c := range map[string]struct {
		day  time.Time
		want bool
	}{
		"tomorrow":  {today.AddDate(0, 0, 1), true},
		"yesterday": {today.AddDate(0, 0, -1), false},
		"no day":    {time.Time{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			secret, line, err := NewUntil("ci", []Scope{All}, c.day)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "tokens")
			if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
				t.Fatal(err)
			}
			tokens, err := Open(file)
			if err != nil {
				t.Fatal(err)
			}
			_, got := tokens.find(secret)
			if got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
			tried.Report(t, "a token whose last day is "+name, "opens: %v", got)
		})
	}
	at := time.Date(2027, 12, 31, 23, 59, 59, 0, time.UTC)
	one, err := parseLine("ci all " + digest + " until:2027-12-31")
	if err != nil || one.expired(at) || !one.expired(at.Add(time.Second)) {
		t.Errorf("got %+v, %v, want it to open to the end of its day", one, err)
	}
	if _, err := parseLine("ci all " + digest + " until:soon"); err == nil {
		t.Error("a day that is none was taken")
	}
}

// TestHashesAreComparedInConstantTime looks at the code, since time itself says little on a busy machine:
// a hash is compared by subtle alone, and the loop over the tokens has no way out before its end.
func TestHashesAreComparedInConstantTime(t *testing.T) {
	file, err := parser.ParseFile(gotoken.NewFileSet(), "tokens.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	compared, early := 0, 0
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "find" {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "ConstantTimeCompare" {
				compared++
			}
			if loop, ok := n.(*ast.ForStmt); ok {
				early += exits(loop.Body)
			}
			if loop, ok := n.(*ast.RangeStmt); ok {
				early += exits(loop.Body)
			}
			return true
		})
	}
	if compared != 1 || early != 0 {
		t.Errorf("got %d comparisons and %d early exits in find, want 1 and 0", compared, early)
	}
}

func exits(body ast.Node) (n int) {
	ast.Inspect(body, func(node ast.Node) bool {
		switch node.(type) {
		case *ast.ReturnStmt, *ast.BranchStmt:
			n++
		}
		return true
	})
	return n
}
