package config

import (
	"path/filepath"
	"strings"
)

// Brand is name, logo and colors. What is left out is identityd's own.
type Brand struct {
	// Name is what the pages and mails call this service.
	Name string `yaml:"name"`
	// LogoFile is an image, SVG or PNG, in place of mark and name at the head of each page. It is shown on white.
	LogoFile string `yaml:"logo_file"`
	// FaviconFile is an image, SVG, PNG or ICO, in the tab of the browser.
	FaviconFile string `yaml:"favicon_file"`
	// Colors are accent, accent_dark, panel and panel_dark, each as #rrggbb. The others follow from these.
	Colors map[string]string `yaml:"colors"`
	// CSSFile is a style sheet loaded last.
	CSSFile string `yaml:"css_file"`

	// Logo and Favicon are what the files hold, empty for none.
	Logo    Image `yaml:"-"`
	Favicon Image `yaml:"-"`
	// CSS is the style sheet, empty for none.
	CSS []byte `yaml:"-"`
}

// Image is a picture that the pages show.
type Image struct {
	// Kind is the ending of its name: .svg, .png or .ico.
	Kind string
	Body []byte
}

// largestBrandFile keeps pages light: everybody loads these files before the first page is whole.
const largestBrandFile = 64 << 10

func resolveBrand(c *collector, cfg *Config) {
	b := &cfg.UI.Brand
	b.LogoFile, b.FaviconFile = absolute(cfg.Dir, b.LogoFile), absolute(cfg.Dir, b.FaviconFile)
	b.CSSFile = absolute(cfg.Dir, b.CSSFile)
	if c.onlyDatabase {
		return
	}
	b.Logo = readImage(c, "ui.brand.logo_file", b.LogoFile, ".svg", ".png")
	b.Favicon = readImage(c, "ui.brand.favicon_file", b.FaviconFile, ".svg", ".png", ".ico")
	b.CSS = readBrandFile(c, "ui.brand.css_file", b.CSSFile)
	checkStyleSheet(c, b.CSSFile, b.CSS)
}

// readBrandFile returns nil for no file, and for one that cannot be used.
func readBrandFile(c *collector, path, file string) []byte {
	if file == "" {
		return nil
	}
	data, err := readFile(file)
	switch {
	case err != nil:
		c.add(path, "reading %s: %v", file, err)
	case len(data) == 0:
		c.add(path, "%s is empty; leave the key out for none", file)
	case len(data) > largestBrandFile:
		c.add(path, "%s has %d KiB, and every page loads it: %d KiB are the most; make it smaller", file, len(data)>>10, largestBrandFile>>10)
	default:
		return data
	}
	return nil
}

func readImage(c *collector, path, file string, kinds ...string) Image {
	data := readBrandFile(c, path, file)
	if data == nil {
		return Image{}
	}
	kind := strings.ToLower(filepath.Ext(file))
	for _, known := range kinds {
		if kind != known {
			continue
		}
		if wrong := imageProblem(kind, data); wrong != "" {
			c.add(path, "%s %s", file, wrong)
			return Image{}
		}
		return Image{Kind: kind, Body: data}
	}
	c.add(path, "must be a file that ends in %s (got %s)", strings.Join(kinds, " or "), quote(filepath.Base(file)))
	return Image{}
}
