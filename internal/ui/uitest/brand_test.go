package uitest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/ui"
	"example.com/identityd/internal/ui/uitest"
)

const logoSVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32"><rect width="32" height="32" rx="8" fill="#5b2ab8"/>` +
	`<path d="M8 22 16 9l8 13z" fill="#fff"/><text x="42" y="22" font-family="sans-serif" font-size="18" font-weight="700" fill="#1c1038">Kestrel</text></svg>`

// kestrel is a brand of an operator, as internal/config makes it of accent "#5b2ab8".
func kestrel(cfg *ui.Config) {
	cfg.Brand = ui.Brand{
		Name: "Kestrel", Logo: ui.Image{Type: "image/svg+xml", Data: []byte(logoSVG)},
		Colors: map[string]ui.ColorPair{
			"accent": {Light: "#5b2ab8", Dark: "#b193ff"}, "accent-strong": {Light: "#47129c", Dark: "#c6b0ff"},
			"on-accent": {Light: "#ffffff", Dark: "#000000"}, "tint": {Light: "#efeaf8", Dark: "#35354a"},
			"panel": {Light: "#2c0a64", Dark: "#200049"}, "on-panel": {Light: "#ffffff", Dark: "#ffffff"},
			"thread": {Light: "#9685b2", Dark: "#84739b"},
		},
		CSS: []byte(".card h1 { letter-spacing: .01em }"),
	}
	cfg.Links = ui.Links{Privacy: "https://kestrel.example/privacy", Terms: "https://kestrel.example/terms", Support: "mailto:help@kestrel.example"}
}

func TestABrandedPage(t *testing.T) {
	stage := uitest.NewStage(t, kestrel)
	_, body := get(t, &http.Client{}, stage.Show(uitest.States()[0]))
	page := htmltest.ParseString(t, body)
	if got := page.Text("title"); !strings.HasSuffix(got, "· Kestrel") {
		t.Errorf("got title %q, want the brand in it", got)
	}
	var styles []string
	for _, n := range page.All("link[rel=stylesheet]") {
		href, _ := htmltest.Attr(n, "href")
		name, _, _ := strings.Cut(strings.TrimPrefix(href, "/assets/"), ".")
		styles = append(styles, name)
	}
	if diff := cmp.Diff([]string{"app", "brand", "custom"}, styles); diff != "" {
		t.Errorf("stylesheets, the operator's last:\n%s", diff)
	}
	if got := page.Attr(".brand img", "alt"); got != "Kestrel" {
		t.Errorf("the logo says %q, want the name", got)
	}
	logo := page.Attr(".brand img", "src")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, stage.Base+logo, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for name, want := range map[string]string{
		"Content-Type": "image/svg+xml", "X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=31536000, immutable",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("logo, %s: got %q, want %q", name, got, want)
		}
	}
	var foot []string
	for _, n := range page.All(".footer a") {
		href, _ := htmltest.Attr(n, "href")
		foot = append(foot, htmltest.Text(n)+" "+href)
	}
	want := []string{"Privacy https://kestrel.example/privacy", "Terms https://kestrel.example/terms", "Help mailto:help@kestrel.example"}
	if diff := cmp.Diff(want, foot); diff != "" {
		t.Errorf("links at the foot:\n%s", diff)
	}
}

// TestABrandCanBeRead looks at some pages in the colors of an operator, and keeps pictures.
func TestABrandCanBeRead(t *testing.T) {
	source := axe(t)
	b := openTab(t, startBrowser(t))
	stage := uitest.NewStage(t, kestrel)
	for _, s := range uitest.States() {
		switch s.Name {
		case "login-app", "login-wrong", "consent", "home", "settings":
		default:
			continue
		}
		b.window(desktop, 800, "light")
		b.visit(stage.Show(s))
		eval[bool](b, source+"\n; true")
		for _, scheme := range []string{"light", "dark"} {
			b.window(desktop, 800, scheme)
			report(t, s.Name+" "+scheme, run(b, "", `, runOnly: ["color-contrast"]`))
			if folder := os.Getenv(artifactsVariable); folder != "" {
				keep(t, filepath.Join(folder, "pages"), "brand-"+s.Name+"-1200-"+scheme+".png", b.picture(desktop, 800, scheme))
				keep(t, filepath.Join(folder, "pages"), "brand-"+s.Name+"-360-"+scheme+".png", b.picture(phone, 800, scheme))
			}
		}
	}
}
