package config

// Secrets are the keys that everything stored and signed depends on, 32 bytes each. The first of a
// list is used; the rest still open what they sealed.
type Secrets struct {
	// File is one YAML file with the three lists.
	File string `yaml:"file"`
	// System protects Hydra's data at rest.
	System []Secret `yaml:"system"`
	// SystemFile holds the system secrets, one a line.
	SystemFile string `yaml:"system_file"`
	// Cookie signs the cookies of both engines and of the pages.
	Cookie []Secret `yaml:"cookie"`
	// CookieFile holds the cookie secrets, one a line.
	CookieFile string `yaml:"cookie_file"`
	// Cipher protects the tokens of upstream providers in Kratos.
	Cipher []Secret `yaml:"cipher"`
	// CipherFile holds the cipher secrets, one a line.
	CipherFile string `yaml:"cipher_file"`
}
