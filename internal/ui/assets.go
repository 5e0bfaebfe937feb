package ui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/packed"
)

//go:embed assets
var assetFiles embed.FS

type asset struct {
	body        []byte
	contentType string
	// packed is the body under gzip, or nothing where that saves too little.
	packed []byte
}

func newAsset(body []byte, contentType string) asset {
	return asset{body, contentType, packed.Gzip(body)}
}

// assets are files under names that carry a hash of their content, so that browsers may keep them
// for good and still get the new one after an upgrade.
type assets struct {
	byName  map[string]string // app.css -> app.<hash>.css
	byHash  map[string]asset
	favicon asset
}

func loadAssets() (*assets, error) {
	a := &assets{byName: map[string]string{}, byHash: map[string]asset{}}
	style, err := bundle("assets/css")
	if err != nil {
		return nil, err
	}
	a.add("app.css", style)
	entries, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		return nil, fmt.Errorf("listing assets: %w", err)
	}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		body, err := fs.ReadFile(assetFiles, "assets/"+entry.Name())
		if err != nil {
			return nil, fmt.Errorf("reading asset %s: %w", entry.Name(), err)
		}
		if path.Ext(entry.Name()) == ".js" {
			body = lean(body)
		}
		a.add(entry.Name(), body)
	}
	a.favicon = a.byHash[a.byName["icon.svg"]]
	return a, nil
}

func (a *assets) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:8]) + ext
	a.byName[name] = hashed
	a.byHash[hashed] = newAsset(body, contentType(ext))
}

// lean takes from a script of ours what is for the people who write it: lines of comment, and indentation. No
// text in it spans lines.
func lean(script []byte) []byte {
	return regexp.MustCompile(`(?m)^\s*(//.*)?\n?`).ReplaceAll(script, nil)
}

// bundle joins the parts of the stylesheet in the order of their names, without what is for the
// people who write it: one request, and a page weighs less.
func bundle(folder string) ([]byte, error) {
	parts, err := fs.Glob(assetFiles, folder+"/*.css")
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", folder, err)
	}
	comment, space := regexp.MustCompile(`(?s)/\*.*?\*/`), regexp.MustCompile(`\s+`)
	// Not around colons and parentheses, where a space may say something.
	around := regexp.MustCompile(`\s*([{};,])\s*`)
	var all bytes.Buffer
	for _, name := range parts {
		body, err := fs.ReadFile(assetFiles, name)
		if err != nil {
			return nil, fmt.Errorf("reading asset %s: %w", name, err)
		}
		body = space.ReplaceAll(comment.ReplaceAll(body, nil), []byte(" "))
		all.Write(bytes.TrimSpace(around.ReplaceAll(body, []byte("$1"))))
	}
	return all.Bytes(), nil
}

// contentType is fixed for our own kinds of file: the table of package mime depends on the machine.
func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".js":
		return "text/javascript; charset=utf-8"
	default:
		return mime.TypeByExtension(ext)
	}
}

func (a *assets) path(name string) string { return "/assets/" + a.byName[name] }

func (u *UI) asset(w http.ResponseWriter, r *http.Request) error {
	found, ok := u.assets.byHash[r.PathValue("name")]
	if !ok {
		return &identity.Error{Code: identity.NotFound, Message: "There is no such file."}
	}
	writeAsset(w, r, found, "public, max-age=31536000, immutable")
	return nil
}

func (u *UI) favicon(w http.ResponseWriter, r *http.Request) {
	writeAsset(w, r, u.assets.favicon, "public, max-age=86400")
}

func writeAsset(w http.ResponseWriter, r *http.Request, a asset, caching string) {
	h := w.Header()
	h.Set("Cache-Control", caching)
	// An image of the operator's is a document of its own when its address is opened: it may have
	// looks then, and nothing else. In a page it is an image, and runs nothing anyway.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox")
	h.Set("Content-Type", a.contentType)
	// Not same-origin: the page of FormPost is shown at the authorization server's, which may be another.
	h.Set("Cross-Origin-Resource-Policy", "same-site")
	h.Set("X-Content-Type-Options", "nosniff")
	body := a.body
	if len(a.packed) > 0 {
		h.Set("Vary", "Accept-Encoding")
		if packed.Accepted(r) {
			h.Set("Content-Encoding", "gzip")
			body = a.packed
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

func robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /\n"))
}
