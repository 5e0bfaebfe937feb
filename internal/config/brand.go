package config

import "unicode/utf8"

// Brand is name, logo and colors. What is left out is identityd's own.
type Brand struct {
	// Name is what the pages and mails call this service.
	Name string `yaml:"name"`
	// LogoFile is an image, SVG or PNG, in place of mark and name at the head of each page. It is shown on white.
	LogoFile string `yaml:"logo_file"`
	// FaviconFile is an image, SVG, PNG or ICO, in the tab of the browser.
	FaviconFile string `yaml:"favicon_file"`
	// Colors are accent, accent_dark, panel and panel_dark, each as #rrggbb. The others follow from these.
	//
	//	ui:
	//	  brand:
	//	    name: Example
	//	    colors: { accent: "#075cfc", accent_dark: "#7aa7ff" }
	Colors map[string]string `yaml:"colors"`
	// CSSFile is a style sheet of your own, loaded last.
	CSSFile string `yaml:"css_file"`

	// Logo and Favicon are what the files hold, empty for none.
	Logo    Image `yaml:"-"`
	Favicon Image `yaml:"-"`
	// CSS is the style sheet, empty for none.
	CSS []byte `yaml:"-"`
}

// maxStyleSheet keeps pages light: everybody loads it before the first page is whole.
const maxStyleSheet = 32 << 10

func resolveBrand(c *collector, cfg *Config) {
	b := &cfg.UI.Brand
	b.LogoFile, b.FaviconFile = absolute(cfg.Dir, b.LogoFile), absolute(cfg.Dir, b.FaviconFile)
	b.CSSFile = absolute(cfg.Dir, b.CSSFile)
	if c.onlyDatabase {
		return
	}
	b.Logo = brandImage(c, "ui.brand.logo_file", b.LogoFile, ".svg", ".png")
	b.Favicon = brandImage(c, "ui.brand.favicon_file", b.FaviconFile, ".svg", ".png", ".ico")
	if b.CSSFile != "" {
		b.CSS = readStyleSheet(c, "ui.brand.css_file", b.CSSFile)
	}
}

func brandImage(c *collector, path, file string, endings ...string) Image {
	if file == "" {
		return Image{}
	}
	image, wrong := readImageOf(file, endings...)
	if wrong != "" {
		c.add(path, "%s", wrong)
	}
	return image
}

// readStyleSheet returns nil for one that cannot be used.
func readStyleSheet(c *collector, path, file string) []byte {
	css, err := readFile(file)
	from := loads(string(css))
	switch {
	case err != nil:
		c.add(path, "reading %s: %v", file, err)
	case len(css) == 0:
		c.add(path, "%s is empty; leave the key out for none", file)
	case len(css) > maxStyleSheet:
		c.add(path, "must be at most %d KiB (%s has %d)", maxStyleSheet>>10, file, (len(css)+1023)>>10)
	case !utf8.Valid(css):
		c.add(path, "%s is not text in UTF-8; save it as such", file)
	case from != "":
		c.add(path, "%s loads %s, and the pages load nothing but their own; use data:image/... or leave it out", file, quote(from))
	default:
		return css
	}
	return nil
}
