package uitest_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/ui/uitest"
)

// heaviest is what a page may weigh with all that it loads, as a browser without a cache gets it and
// before compression. Kratos' own script for passkeys counts too.
const heaviest = 60 << 10

// TestNoPageIsHeavy adds up what each page loads, and lets it load nothing from elsewhere.
func TestNoPageIsHeavy(t *testing.T) {
	stage := uitest.NewStage(t, nil)
	client := &http.Client{}
	sizes := map[string]int{}
	most, worst := 0, ""
	for _, s := range uitest.States() {
		address := stage.Show(s)
		_, body := get(t, client, address)
		total, parts := len(body), ""
		for _, part := range loads(t, body) {
			at, err := url.Parse(part)
			if err != nil || at.Host != "" || !strings.HasPrefix(part, "/") {
				t.Errorf("%s loads %s, which is not a path of ours", s.Name, part)
				continue
			}
			if sizes[part] == 0 {
				status, asset := get(t, client, stage.Base+part)
				if status != http.StatusOK {
					t.Errorf("%s loads %s, which answers %d", s.Name, part, status)
				}
				sizes[part] = len(asset)
			}
			total += sizes[part]
			parts += " " + part
		}
		if total > heaviest {
			t.Errorf("%s weighs %d bytes with%s, want at most %d", s.Name, total, parts, heaviest)
		}
		if total > most {
			most, worst = total, s.Name
		}
	}
	t.Logf("the heaviest page is %s with %d bytes; of all pages: %v", worst, most, sizes)
}

// loads are the addresses that a browser asks for by itself.
func loads(t *testing.T, body string) []string {
	t.Helper()
	var out []string
	page := htmltest.ParseString(t, body)
	attribute := func(selector, name string) {
		for _, n := range page.All(selector) {
			if value, _ := htmltest.Attr(n, name); !strings.HasPrefix(value, "data:") {
				out = append(out, value)
			}
		}
	}
	attribute("link[rel=stylesheet], link[rel=icon], link[rel=preload]", "href")
	attribute("script[src], img[src]", "src")
	// A frame of an application that is told of a sign-out is the application's, and what it is for.
	attribute(`iframe[src^="/"]`, "src")
	return out
}

// TestStylesLoadNothing keeps the stylesheet from asking for anything: every address in it is data.
func TestStylesLoadNothing(t *testing.T) {
	stage := uitest.NewStage(t, nil)
	client := &http.Client{}
	_, body := get(t, client, stage.Show(uitest.States()[0]))
	for _, part := range loads(t, body) {
		if !strings.HasSuffix(part, ".css") {
			continue
		}
		_, css := get(t, client, stage.Base+part)
		for _, m := range regexp.MustCompile(`url\("?([^")]{0,40})`).FindAllStringSubmatch(css, -1) {
			if !strings.HasPrefix(m[1], "data:image/svg+xml,") {
				t.Errorf("%s loads %s", part, m[1])
			}
		}
		if strings.Contains(css, "@import") {
			t.Errorf("%s imports", part)
		}
	}
}
