package config

// Config is one checked configuration: every path in it is absolute and every rule has passed.
type Config struct {
	// Source is the file the configuration came from, empty when there was none.
	Source string `yaml:"-"`
	// Dir is the folder that relative paths are resolved against: the file's, or the working
	// directory.
	Dir string `yaml:"-"`
	// Warnings are what will need action but stops nothing, such as a secret file others may read.
	Warnings []Problem `yaml:"-"`
	// Origins says for every word where its value came from: "default", "file", the name of an
	// environment variable, "flag", or the word that names the file a secret was read from.
	Origins map[string]string `yaml:"-"`

	// LayerFiles are the files that environment variables named for words of the configuration.
	LayerFiles []string `yaml:"-"`

	// Profile decides how forgiving the defaults and the rules are: production or development. A file has to say it;
	// without a file it is development.
	Profile Profile `yaml:"profile"`
	// Origin is the one address of everything that browsers and applications use, such as https://id.example.com. It is the
	// issuer of every token, to the letter, and cannot be changed later without breaking every application. It is served by
	// listen.gateway. Whoever needs three addresses writes urls in its place.
	Origin string `yaml:"origin"`
	// Region labels this process in logs, metrics and traces; on CockroachDB it is the region of the cluster that it runs
	// in.
	Region string `yaml:"region"`
	// DataDir holds SQLite's files, the secrets that are generated, and the control socket of commands on the same machine.
	// A relative path begins at the folder of the file.
	DataDir string `yaml:"data_dir"`

	// Listen says where each listener is bound.
	Listen Listen `yaml:"listen"`
	// URLs are the addresses that a browser sees, for those who want three in place of one origin.
	URLs URLs `yaml:"urls"`
	// Database says where both engines keep their data.
	Database Database `yaml:"database"`
	// Secrets are the keys that everything stored and signed depends on.
	Secrets Secrets `yaml:"secrets"`
	// Admin guards the admin listeners.
	Admin Admin `yaml:"admin"`
	// TLS holds the certificate of the listeners.
	TLS TLS `yaml:"tls"`
	// Proxy says which reverse proxies are believed.
	Proxy Proxy `yaml:"proxy"`
	// Limits bound the connections that others open.
	Limits Limits `yaml:"limits"`
	// Outbound limits the connections this process opens.
	Outbound Outbound `yaml:"outbound"`
	// CORS lists browser origins beyond those of the clients.
	CORS CORS `yaml:"cors"`
	// Identity says what an account consists of.
	Identity Identity `yaml:"identity"`
	// Registration says who may sign up.
	Registration Registration `yaml:"registration"`
	// DynamicRegistration says which applications may register themselves, and how.
	DynamicRegistration DynamicRegistration `yaml:"dynamic_registration"`
	// Login says how people prove who they are.
	Login Login `yaml:"login"`
	// Session says how long a sign-in lasts.
	Session Session `yaml:"session"`
	// Consent says how long a granted consent is remembered.
	Consent Consent `yaml:"consent"`
	// Account says what people may do with their accounts by themselves.
	Account Account `yaml:"account"`
	// Claims maps a scope to claims, and each claim to the trait or metadata that it is read from, over what is built in
	// for email, profile, phone, address, groups and roles.
	//
	//	claims:
	//	  work:
	//	    department: traits.department
	//	    team: { from: metadata_public.team, access_token: true }
	Claims map[string]map[string]any `yaml:"claims"`
	// Tokens says what clients are given and for how long.
	Tokens Tokens `yaml:"tokens"`
	// Clients are the OAuth2 clients owned by this file.
	Clients []Client `yaml:"clients"`
	// Identities are the people owned by this file.
	Identities []DeclaredIdentity `yaml:"identities"`
	// Declared says how clients and identities of this file are kept.
	Declared Declared `yaml:"declared"`
	// Hooks are web addresses called when something happens.
	Hooks []Hook `yaml:"hooks"`
	// Protect says who may open the addresses of applications behind forward-auth; the first rule that fits
	// decides, and what none fits is refused.
	Protect []ProtectRule `yaml:"protect"`
	// ReturnTo lists the addresses, beside those of the pages, that a flow of self-service may end at. A path ends with a
	// slash, and stands for all that begins with it; *. stands for any host below.
	//
	//	return_to:
	//	  - https://app.example.com/done/
	//	  - https://*.apps.example.com
	ReturnTo []string `yaml:"return_to"`
	// Mail says how messages leave.
	Mail Mail `yaml:"mail"`
	// UI dresses the pages.
	UI UI `yaml:"ui"`
	// Throttle limits attempts.
	Throttle Throttle `yaml:"throttle"`
	// Audit says how long the audit trail is kept.
	Audit Audit `yaml:"audit"`
	// Janitor removes what nobody can need again.
	Janitor Janitor `yaml:"janitor"`
	// Logging shapes the log stream.
	Logging Logging `yaml:"logging"`
	// Tracing sends spans to a collector.
	Tracing Tracing `yaml:"tracing"`
	// Shutdown divides the time between a signal and the exit.
	Shutdown Shutdown `yaml:"shutdown"`

	// Hydra holds settings of Hydra that have no word here, in Hydra's own words. They are merged last and checked by
	// Hydra's own schema; what identityd sets itself is refused.
	//
	//	hydra:
	//	  oidc:
	//	    subject_identifiers: { supported_types: [public] }
	Hydra Settings `yaml:"hydra"`
	// Kratos holds settings of Kratos that have no word here, in Kratos' own words. They are merged last and checked by
	// Kratos' own schema; what identityd sets itself is refused.
	//
	//	kratos:
	//	  courier:
	//	    message_retries: 10
	Kratos Settings `yaml:"kratos"`
}

// Profile decides how forgiving the defaults and the rules are.
type Profile string

// Profiles that a file may name.
const (
	Production  Profile = "production"
	Development Profile = "development"
)

func (Profile) words() []string { return []string{string(Production), string(Development)} }

// defaults holds what applies where the user says nothing. What depends on other settings, such as
// database.migrate on the dialect, is left empty here and settled by resolve.
func defaults(p Profile) Config {
	return Config{
		Profile:      p,
		DataDir:      "./identityd-data",
		Listen:       defaultListen(),
		Database:     defaultDatabase(),
		Outbound:     defaultOutbound(p),
		Identity:     defaultIdentity(p),
		Registration: defaultRegistration(),

		DynamicRegistration: defaultDynamicRegistration(),

		Login:    defaultLogin(p),
		Session:  defaultSession(),
		Consent:  defaultConsent(),
		Account:  defaultAccount(),
		Tokens:   defaultTokens(),
		Declared: defaultDeclared(),
		Mail:     defaultMail(p),
		UI:       defaultUI(p),
		Throttle: defaultThrottle(),
		Audit:    defaultAudit(),
		Janitor:  defaultJanitor(),
		Logging:  defaultLogging(),
		Tracing:  defaultTracing(),
		Shutdown: defaultShutdown(p),
		Limits:   defaultLimits(),
	}
}
