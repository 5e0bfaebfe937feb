package config

// Secrets are the keys that everything stored and signed depends on, 32 bytes each. The first of a list is used; the
// rest still open what they sealed. Each list comes from one place: written here, a file of its own, or the one file of
// all three. Without them nothing that is stored opens again: back them up with the databases.
//
//	secrets:
//	  system_file: secrets/system
//	  cookie_file: secrets/cookie
//	  cipher_file: secrets/cipher
type Secrets struct {
	// File is one YAML file with the three lists, as identityd secrets generate writes it. Production needs all three
	// lists; in development those that are missing are made in data_dir.
	File string `yaml:"file"`
	// System protects Hydra's data at rest, signing keys among it.
	System []Secret `yaml:"system"`
	// SystemFile holds the system secrets, one a line; the first one is used.
	SystemFile string `yaml:"system_file"`
	// Cookie signs the cookies of both engines and of the pages.
	Cookie []Secret `yaml:"cookie"`
	// CookieFile holds the cookie secrets, one a line; the first one is used.
	CookieFile string `yaml:"cookie_file"`
	// Cipher protects the tokens of upstream providers in Kratos' database.
	Cipher []Secret `yaml:"cipher"`
	// CipherFile holds the cipher secrets, one a line; the first one is used.
	CipherFile string `yaml:"cipher_file"`
}
