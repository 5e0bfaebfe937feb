package config_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"example.com/identityd/internal/config"
)

// explained is what a comment says: its sentences, and an example where it has one.
type explained struct{ text, example string }

// described reads the comments of all types, and of their fields that are words of the file.
func described(t *testing.T) map[string]explained {
	t.Helper()
	out := map[string]explained{}
	set := token.NewFileSet()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.TYPE && len(d.Specs) == 1 {
				out[d.Specs[0].(*ast.TypeSpec).Name.Name] = explain(d.Doc.Text())
			}
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			s, ok := spec.Type.(*ast.StructType)
			if !ok {
				return true
			}
			for _, f := range s.Fields.List {
				if f.Tag == nil || !strings.Contains(f.Tag.Value, `yaml:"`) || strings.Contains(f.Tag.Value, `yaml:"-"`) {
					continue
				}
				about := explain(f.Doc.Text() + f.Comment.Text())
				for _, name := range f.Names {
					if about.text != "" {
						out[spec.Name.Name+"."+name.Name] = about
					}
				}
			}
			return true
		})
	}
	return out
}

// explain parts the sentences of a comment from the example in it, which is indented.
func explain(text string) explained {
	var out explained
	for _, block := range new(doc.Package).Parser().Parse(text).Content {
		if code, ok := block.(*comment.Code); ok {
			out.example += code.Text
			continue
		}
		said := new(comment.Printer).Text(&comment.Doc{Content: []comment.Block{block}})
		out.text = strings.TrimSpace(out.text + " " + strings.Join(strings.Fields(string(said)), " "))
	}
	return out
}

func TestTheSchemaHasTheCommentsOfTheTypes(t *testing.T) {
	found := map[string]string{}
	for at, about := range described(t) {
		// Comments of types introduce the sections of docs/configuration.md; editors show those of fields.
		if strings.Contains(at, ".") {
			found[at] = about.text
		}
	}
	want, err := json.MarshalIndent(found, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(bytes.ReplaceAll(bytes.ReplaceAll(want, []byte(`\u003c`), []byte("<")), []byte(`\u003e`), []byte(">")), '\n')
	if *update {
		if err := os.WriteFile("comments.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("comments.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("comments.json is not what the types say; run go test ./internal/config -run %s -update (-types +file):\n%s", t.Name(), diff)
	}
	raw, err := config.JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	var root node
	if err := json.Unmarshal(raw, &root); err != nil {
		t.Fatal(err)
	}
	root.undescribed(t, "")
}

// node is a part of a schema.
type node struct {
	Description string          `json:"description"`
	Properties  map[string]node `json:"properties"`
	Items       *node           `json:"items"`
}

func (n node) undescribed(t *testing.T, path string) {
	t.Helper()
	for name, inner := range n.Properties {
		if inner.Description == "" {
			t.Errorf("%s.%s: got no comment at its field, want one: editors show it", path, name)
		}
		inner.undescribed(t, path+"."+name)
	}
	if n.Items != nil {
		n.Items.undescribed(t, path+"[]")
	}
}

func schemaOf(t *testing.T) *jsonschema.Schema {
	t.Helper()
	raw, err := config.JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertVocabs()
	if err := c.AddResource("stack.json", parsed); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("stack.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// instance reads YAML as an editor does, by way of JSON.
func instance(t *testing.T, text []byte) any {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Skipf("no YAML: %v", err)
	}
	raw, err := json.Marshal(tree)
	if err != nil {
		t.Skipf("no JSON, whose keys are texts: %v", err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheSchemaAllowsEveryGoodFile(t *testing.T) {
	schema := schemaOf(t)
	n := 0
	for _, pattern := range []string{"../../configs/*.yaml", "testdata/ok/*.yaml", "../../deploy/*/stack*.yaml", "../../deploy/*/*/stack*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			n++
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(instance(t, text)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if n < 6 {
		t.Errorf("got %d files, want those of configs and more", n)
	}
	cfg, err := config.Load(config.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	text, err := cfg.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(instance(t, text)); err != nil {
		t.Errorf("the defaults as config show prints them: %v", err)
	}
}

func TestTheSchemaRefusesWhatIsOfAnotherShape(t *testing.T) {
	schema := schemaOf(t)
	for name, text := range map[string]string{
		"an unknown word":                "lisen: {}",
		"an unknown word in a section":   "listen: { uii: ':3000' }",
		"an unknown word of a client":    "clients: [{ id: a, redirect_url: https://a.example.com }]",
		"a text for a list":              "cors: { origins: https://a.example.com }",
		"a list for a section":           "listen: [ui]",
		"a choice that there is not":     "profile: staging",
		"a number without a unit":        "session: { lifespan: 3600 }",
		"a duration in words":            "session: { lifespan: one day }",
		"a text for a number":            "throttle: { hashes: many }",
		"a text for yes or no":           "janitor: { enabled: 'yes' }",
		"an address without a port":      "listen: { ui: localhost }",
		"a number for a name":            "region: 1",
		"a claim that is not of a scope": "claims: { department: traits.department }",
		"an engine's settings as a text": "hydra: dsn",
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if err := schema.Validate(instance(t, []byte(text))); err == nil {
				t.Errorf("%s: got no error", text)
			}
		})
	}
}

// TestTheSchemaIsOneByItsOwnDraft: compiling judges a schema by that of its draft, as a broken one shows.
func TestTheSchemaIsOneByItsOwnDraft(t *testing.T) {
	schemaOf(t)
	raw, err := config.JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	broken, err := jsonschema.UnmarshalJSON(bytes.NewReader(bytes.Replace(raw, []byte(`"boolean"`), []byte(`"yes or no"`), 1)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("stack.json", broken); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Compile("stack.json"); err == nil {
		t.Error("got no error for a type that there is not")
	}
}

// shapes are what the program says of a value of another shape, which a schema can tell too; not inside of the
// engines' blocks.
var shapes = regexp.MustCompile(`(?m)^(?:[^hk]|hooks)[^:]*: (unknown key; |must (be|hold) (a list|a map|true or false|a whole number|text|a number|keys) ?.*\(got)`)

// TestTheSchemaRefusesUnknownWordsAsTheProgramDoes goes through the bad examples of the rules.
func TestTheSchemaRefusesUnknownWordsAsTheProgramDoes(t *testing.T) {
	schema := schemaOf(t)
	files, err := fs.Glob(os.DirFS("testdata"), "*.bad.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range files {
		said, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if !shapes.Match(said) {
			continue
		}
		text, err := os.ReadFile(filepath.Join("testdata", strings.TrimSuffix(name, ".txt")+".yml"))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			n++
			if err := schema.Validate(instance(t, text)); err == nil {
				t.Errorf("got no error, though the program says:\n%s", said)
			}
		})
	}
	if n < 7 {
		t.Errorf("got %d examples with unknown words and other shapes, want more", n)
	}
}
