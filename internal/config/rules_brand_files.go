package config

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"regexp"
	"slices"
	"strings"
)

// widestImage, in pixels, is more than any screen shows of a logo.
const widestImage = 2048

// imageProblem returns what is wrong with an image, empty for nothing.
func imageProblem(kind string, data []byte) string {
	switch kind {
	case ".png":
		size, err := png.DecodeConfig(bytes.NewReader(data))
		switch {
		case err != nil:
			return "cannot be read as PNG; save it anew"
		case max(size.Width, size.Height) > widestImage:
			return fmt.Sprintf("is %d by %d pixels; %d are the most", size.Width, size.Height, widestImage)
		}
	case ".svg":
		return svgProblem(data)
	}
	return ""
}

// svgProblem refuses what runs or loads something. Browsers do neither in an image, and our headers
// allow neither when its address is opened; but then the logo would not look as its owner thinks.
func svgProblem(data []byte) string {
	decoder := xml.NewDecoder(bytes.NewReader(data))
	decoder.Strict = true
	root, style := false, false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Sprintf("is not an SVG image that browsers can read: %v", err)
		}
		switch part := token.(type) {
		case xml.Directive:
			if bytes.Contains(part, []byte("ENTITY")) {
				return "declares entities; export it without"
			}
		case xml.StartElement:
			if !root && part.Name.Local != "svg" {
				return fmt.Sprintf("is not an SVG image: it begins with <%s>", part.Name.Local)
			}
			root, style = true, part.Name.Local == "style"
			if wrong := elementProblem(part); wrong != "" {
				return wrong
			}
		case xml.EndElement:
			style = false
		case xml.CharData:
			if style && loads(string(part)) != "" {
				return fmt.Sprintf("loads %s in its <style>; put that into the file", quote(loads(string(part))))
			}
		}
	}
	if !root {
		return "is not an SVG image: it has no <svg>"
	}
	return ""
}

func elementProblem(e xml.StartElement) string {
	if slices.Contains([]string{"script", "foreignObject", "iframe", "object", "embed", "handler", "audio", "video"}, e.Name.Local) {
		return fmt.Sprintf("has a <%s>, and an image runs nothing; remove it", e.Name.Local)
	}
	for _, a := range e.Attr {
		name := strings.ToLower(a.Name.Local)
		value := strings.TrimSpace(a.Value)
		switch {
		case strings.HasPrefix(name, "on"):
			return fmt.Sprintf("has %s on a <%s>, and an image runs nothing; remove it", a.Name.Local, e.Name.Local)
		case name == "href" && !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "data:image/"):
			return fmt.Sprintf("refers to %s, and an image loads nothing; put that into the file", quote(value))
		case loads(value) != "" && name != "href":
			return fmt.Sprintf("loads %s; put that into the file", quote(loads(value)))
		}
	}
	return ""
}

var loading = regexp.MustCompile(`(?i)@import[^;]*|url\(\s*['"]?\s*([^'")#\s][^'")]*)`)

// loads returns the first address that styles load from elsewhere, empty for none.
func loads(css string) string {
	for _, m := range loading.FindAllStringSubmatch(css, -1) {
		if m[1] == "" || !strings.HasPrefix(strings.ToLower(m[1]), "data:") {
			return strings.TrimSpace(m[0])
		}
	}
	return ""
}
