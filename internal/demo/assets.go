package demo

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
)

//go:embed assets
var assetFiles embed.FS

type asset struct {
	path, contentType string
	body              []byte
}

// assets are few and named here, under addresses that change with their content.
type assets struct{ css, icon asset }

func loadAssets() (*assets, error) {
	a := &assets{}
	for _, f := range []struct {
		into                   *asset
		name, ext, contentType string
	}{
		{&a.css, "demo", ".css", "text/css; charset=utf-8"},
		{&a.icon, "icon", ".svg", "image/svg+xml"},
	} {
		body, err := assetFiles.ReadFile("assets/" + f.name + f.ext)
		if err != nil {
			return nil, fmt.Errorf("reading an asset: %w", err)
		}
		sum := sha256.Sum256(body)
		path := "/assets/" + f.name + "." + hex.EncodeToString(sum[:8]) + f.ext
		*f.into = asset{path, f.contentType, body}
	}
	return a, nil
}

func (a *app) asset(w http.ResponseWriter, r *http.Request) {
	for _, f := range []asset{a.assets.css, a.assets.icon} {
		if f.path == r.URL.Path {
			f.send(w, "public, max-age=31536000, immutable")
			return
		}
	}
	a.nowhere(w, r)
}

// favicon is what browsers ask for on their own.
func (a *app) favicon(w http.ResponseWriter, _ *http.Request) {
	a.assets.icon.send(w, "public, max-age=86400")
}

func (f asset) send(w http.ResponseWriter, caching string) {
	w.Header().Set("Cache-Control", caching)
	w.Header().Set("Content-Type", f.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(f.body)))
	_, _ = w.Write(f.body)
}
