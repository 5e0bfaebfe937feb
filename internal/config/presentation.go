package config

// UI dresses the pages.
type UI struct {
	// Brand is name, logo and colors of the pages and mails.
	Brand Brand `yaml:"brand"`
	// Locales are the languages offered, the first one for whoever wants none of them: en, de, fr, es, pt-BR, ja, zh-Hans,
	// ar. Default: English; in development all that there are.
	Locales []string `yaml:"locales"`
	// Links are shown at the foot of each page.
	Links Links `yaml:"links"`
}

// Links are shown at the foot of each page.
type Links struct {
	// Privacy is the address of the privacy notice: https.
	Privacy string `yaml:"privacy"`
	// Terms is the address of the terms of service: https.
	Terms string `yaml:"terms"`
	// Support is where people get help: an https address, or mailto: and an address.
	Support string `yaml:"support"`
}

func defaultUI(p Profile) UI { return UI{Locales: defaultLocales(p)} }
