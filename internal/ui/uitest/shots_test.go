package uitest_test

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/ui/uitest"
)

const (
	phone   = 360
	desktop = 1200
)

// TestPicturesOfEveryPage keeps every state as it looks on a phone and on a desktop, by day and by
// night, and a contact sheet of all of them.
func TestPicturesOfEveryPage(t *testing.T) {
	folder := os.Getenv(artifactsVariable)
	if folder == "" {
		t.Skipf("SKIP: %s names no folder for pictures", artifactsVariable)
	}
	folder = filepath.Join(folder, "pages")
	b := openTab(t, startBrowser(t))
	stage := uitest.NewStage(t, nil)
	var sheet strings.Builder
	sheet.WriteString(sheetHead)
	for _, s := range uitest.States() {
		b.visit(stage.Show(s))
		fmt.Fprintf(&sheet, "<h2>%s</h2><p>%s</p><div>", html.EscapeString(s.Name), html.EscapeString(s.Route))
		for _, width := range []int64{phone, desktop} {
			for _, scheme := range []string{"light", "dark"} {
				name := fmt.Sprintf("%s-%d-%s.png", s.Name, width, scheme)
				keep(t, folder, name, b.picture(width, 800, scheme))
				fmt.Fprintf(&sheet, `<img src="%s" width="%d" alt="" loading="lazy">`, name, width*2/5)
			}
		}
		sheet.WriteString("</div>")
	}
	keep(t, folder, "index.html", []byte(sheet.String()))
}

const sheetHead = `<!doctype html><meta charset="utf-8"><title>Every page</title><style>
body { font: 14px system-ui; margin: 24px; background: #ccc } h2 { margin: 24px 0 0 } p { margin: 0 0 8px }
div { display: flex; gap: 12px; align-items: start } img { border: 1px solid #999 }</style>`
