package htmltest_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/htmltest"
)

const sample = `<!doctype html><title>t</title>
<form id="a" method="post" action="/go">
<input type="hidden" name="csrf" value="x"><input name="who" value="anna">
<input type="checkbox" name="scope" value="email" checked>
<input type="checkbox" name="scope" value="phone">
<input type="checkbox" name="bare" checked>
<input name="off" value="1" disabled><input type="submit" name="s" value="1"><input value="nameless">
<button name="action" value="allow">Allow   <b>it</b></button>
</form>`

func TestFormCollectsWhatABrowserWouldSend(t *testing.T) {
	got := htmltest.ParseString(t, sample).Form("#a")
	want := htmltest.Form{Method: "post", Action: "/go", Fields: url.Values{
		"csrf": {"x"}, "who": {"anna"}, "scope": {"email"}, "bare": {"on"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSelectorsReadTextAndAttributes(t *testing.T) {
	page := htmltest.ParseString(t, sample)
	if got, want := page.Text("button"), "Allow it"; got != want {
		t.Errorf("text: got %q, want %q", got, want)
	}
	if got, want := page.Attr("button", "value"), "allow"; got != want {
		t.Errorf("attribute: got %q, want %q", got, want)
	}
	if got, want := len(page.All("input[type=checkbox]")), 3; got != want {
		t.Errorf("checkboxes: got %d, want %d", got, want)
	}
	page.Missing("script")
}

// recorder notes failures instead of failing; Fatalf leaves the goroutine, as testing's does.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, _ ...any) { r.failures = append(r.failures, format) }

func (r *recorder) Fatalf(format string, _ ...any) {
	r.failures = append(r.failures, format)
	panic(r)
}

func TestAssertionsFailWhenTheyShould(t *testing.T) {
	for name, assert := range map[string]func(*htmltest.Page){
		"one of nothing":          func(p *htmltest.Page) { p.One("table") },
		"one of many":             func(p *htmltest.Page) { p.One("input") },
		"missing but there":       func(p *htmltest.Page) { p.Missing("button") },
		"an attribute not there":  func(p *htmltest.Page) { p.Attr("button", "href") },
		"a selector that is none": func(p *htmltest.Page) { p.All("[[") },
		"a form that is none":     func(p *htmltest.Page) { p.Form("button") },
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t}
			func() {
				defer func() { _ = recover() }()
				assert(htmltest.Parse(r, strings.NewReader(sample)))
			}()
			if len(r.failures) != 1 {
				t.Errorf("got %d failures, want 1", len(r.failures))
			}
		})
	}
}
