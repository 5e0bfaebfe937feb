package config

// UI dresses the pages.
type UI struct {
	// Brand is name, logo and colors.
	Brand Brand `yaml:"brand"`
	// Locales are the languages offered, the first one for whoever wants none of them. Default:
	// English; in development all that there are.
	Locales []string `yaml:"locales"`
	// Links are shown at the foot of each page.
	Links Links `yaml:"links"`
}

// Brand is name, logo and colors.
type Brand struct {
	// Name is what the pages call this service.
	Name string `yaml:"name"`
	// LogoFile is an image.
	LogoFile string `yaml:"logo_file"`
	// Colors are CSS colors by name.
	Colors map[string]string `yaml:"colors"`
	// CSSFile is a style sheet loaded last.
	CSSFile string `yaml:"css_file"`
}

// Links are shown at the foot of each page.
type Links struct {
	// Privacy is the address of the privacy notice.
	Privacy string `yaml:"privacy"`
	// Terms is the address of the terms of service.
	Terms string `yaml:"terms"`
	// Support is where people get help.
	Support string `yaml:"support"`
}

func defaultUI(p Profile) UI { return UI{Locales: defaultLocales(p)} }
