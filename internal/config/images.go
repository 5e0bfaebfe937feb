package config

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// maxImage bounds a logo: it is on pages that have to be light.
const maxImage = 32 << 10

// Image is a picture that the pages serve themselves.
type Image struct {
	Data []byte
	// Type is its media type.
	Type string
}

// readImage reads a picture of one of the kinds that applications have and says what is wrong with it.
func readImage(file string) (Image, string) {
	return readImageOf(file, ".png", ".jpg", ".jpeg", ".webp", ".svg")
}

// readImageOf reads a picture whose name ends in one of these.
func readImageOf(file string, endings ...string) (Image, string) {
	data, err := readFile(file)
	if err != nil {
		return Image{}, fmt.Sprintf("reading %s: %v", file, err)
	}
	if len(data) > maxImage {
		return Image{}, fmt.Sprintf("must be at most %d KiB (%s has %d)", maxImage>>10, file, (len(data)+1023)>>10)
	}
	kinds := map[string]struct{ kind, begins string }{
		".png":  {"image/png", "\x89PNG\r\n"},
		".jpg":  {"image/jpeg", "\xff\xd8\xff"},
		".jpeg": {"image/jpeg", "\xff\xd8\xff"},
		".webp": {"image/webp", "RIFF"},
		".ico":  {"image/x-icon", "\x00\x00\x01\x00"},
		".svg":  {"image/svg+xml", ""},
	}
	ext := strings.ToLower(filepath.Ext(file))
	if !slices.Contains(endings, ext) {
		slices.Sort(endings)
		return Image{}, fmt.Sprintf("must be an image that ends in %s (got %s)", oneOf(endings), quote(file))
	}
	k := kinds[ext]
	if ext == ".svg" && !bytes.Contains(data, []byte("<svg")) || !bytes.HasPrefix(data, []byte(k.begins)) {
		return Image{}, fmt.Sprintf("must be what its name says (%s does not begin as %s does)", file, k.kind)
	}
	if wrong := imageProblem(ext, data); wrong != "" {
		return Image{}, fmt.Sprintf("must be an image that browsers show: %s %s", file, wrong)
	}
	return Image{data, k.kind}, ""
}
