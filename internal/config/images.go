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

// readImage reads a picture and says what is wrong with it.
func readImage(file string) (Image, string) {
	data, err := readFile(file)
	if err != nil {
		return Image{}, fmt.Sprintf("reading %s: %v", file, err)
	}
	if len(data) > maxImage {
		return Image{}, fmt.Sprintf("must be at most %d KiB (%s has %d)", maxImage>>10, file, (len(data)+1023)>>10)
	}
	kinds := []struct{ ext, kind, begins string }{
		{".png", "image/png", "\x89PNG\r\n"},
		{".jpg", "image/jpeg", "\xff\xd8\xff"},
		{".jpeg", "image/jpeg", "\xff\xd8\xff"},
		{".webp", "image/webp", "RIFF"},
		{".svg", "image/svg+xml", ""},
	}
	ext := strings.ToLower(filepath.Ext(file))
	for _, k := range kinds {
		if k.ext != ext {
			continue
		}
		if ext == ".svg" && !bytes.Contains(data, []byte("<svg")) || !bytes.HasPrefix(data, []byte(k.begins)) {
			return Image{}, fmt.Sprintf("must be what its name says (%s does not begin as %s does)", file, k.kind)
		}
		return Image{data, k.kind}, ""
	}
	var names []string
	for _, k := range kinds {
		names = append(names, k.ext)
	}
	slices.Sort(names)
	return Image{}, fmt.Sprintf("must be an image that ends in %s (got %s)", oneOf(names), quote(file))
}
