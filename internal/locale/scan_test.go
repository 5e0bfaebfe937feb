package locale

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"
)

// spoken are the packages whose sentences people read, as seen from here.
func spoken() []string {
	return []string{"../ui", "../mails", "../plainpage", "../hydra", "../kratos", "."}
}

// sentences returns every sentence in the code and where it was found first.
func sentences(t *testing.T) map[string]string {
	t.Helper()
	s := scan{t: t, found: map[string]string{}}
	for _, dir := range spoken() {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil && os.IsNotExist(err):
				return nil
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "testdata" || strings.HasSuffix(d.Name(), "test")):
				return fs.SkipDir
			case strings.HasSuffix(path, ".html"), strings.HasSuffix(path, ".tmpl"):
				s.template(path)
			case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
				s.code(path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(s.found) < 100 {
		t.Fatalf("only %d sentences found: the scan is broken", len(s.found))
	}
	return s.found
}

type scan struct {
	t     *testing.T
	found map[string]string
}

func (s *scan) add(where, sentence string) {
	if _, known := s.found[sentence]; !known && sentence != "" {
		s.found[sentence] = where
	}
}

// code finds the arguments of Text, HTML and layout, and the messages of identity.Error.
func (s *scan) code(path string) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	inOurs := filepath.Dir(path) == "."
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			return false
		}
		where := fset.Position(n.Pos()).String()
		switch n := n.(type) {
		case *ast.CallExpr:
			called, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			at := map[string]int{"Text": 0, "HTML": 0, "layout": 1}
			i, speaks := at[called.Sel.Name]
			if !speaks || len(n.Args) <= i {
				return true
			}
			if text, ok := literal(n.Args[i]); ok {
				s.add(where, text)
			} else if !inOurs {
				s.t.Errorf("%s: the sentence must be a literal, so that its translation can be checked", where)
			}
		case *ast.CompositeLit:
			kind, ok := n.Type.(*ast.SelectorExpr)
			if !ok || kind.Sel.Name != "Error" {
				return true
			}
			for _, element := range n.Elts {
				if pair, ok := element.(*ast.KeyValueExpr); ok {
					if name, ok := pair.Key.(*ast.Ident); ok && name.Name == "Message" {
						text, _ := literal(pair.Value)
						s.add(where, text)
					}
				}
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				field, ok := to.(*ast.SelectorExpr)
				if ok && field.Sel.Name == "Message" && len(n.Rhs) == len(n.Lhs) {
					text, _ := literal(n.Rhs[i])
					s.add(where, text)
				}
			}
		}
		return true
	})
}

func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, okLeft := literal(e.X)
		right, okRight := literal(e.Y)
		return left + right, e.Op == token.ADD && okLeft && okRight
	case *ast.ParenExpr:
		return literal(e.X)
	}
	return "", false
}

// template finds what the functions t and tb are given.
func (s *scan) template(path string) {
	body, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	tree := parse.New(path)
	tree.Mode = parse.SkipFuncCheck
	set := map[string]*parse.Tree{}
	if _, err := tree.Parse(string(body), "", "", set); err != nil {
		s.t.Fatal(err)
	}
	for name := range maps.Keys(set) {
		if set[name].Root != nil {
			s.node(path, set[name].Root)
		}
	}
}

func (s *scan) node(path string, n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, each := range n.Nodes {
				s.node(path, each)
			}
		}
	case *parse.ActionNode:
		s.node(path, n.Pipe)
	case *parse.IfNode:
		s.branch(path, &n.BranchNode)
	case *parse.RangeNode:
		s.branch(path, &n.BranchNode)
	case *parse.WithNode:
		s.branch(path, &n.BranchNode)
	case *parse.TemplateNode:
		s.node(path, n.Pipe)
	case *parse.PipeNode:
		if n == nil {
			return
		}
		for _, command := range n.Cmds {
			s.node(path, command)
		}
	case *parse.CommandNode:
		if name, ok := n.Args[0].(*parse.IdentifierNode); ok && slices.Contains([]string{"t", "tb"}, name.Ident) {
			if text, ok := n.Args[1].(*parse.StringNode); ok {
				s.add(path, text.Text)
			} else {
				s.t.Errorf("%s: %s: the sentence must be a literal, so that its translation can be checked", path, n)
			}
		}
		for _, arg := range n.Args {
			s.node(path, arg)
		}
	}
}

func (s *scan) branch(path string, n *parse.BranchNode) {
	s.node(path, n.Pipe)
	s.node(path, n.List)
	s.node(path, n.ElseList)
}
