package config

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// DeclaredIdentity is a person owned by the configuration: a first administrator, people of services and tests.
//
//	identities:
//	  - key: first-admin
//	    traits: { email: ada@example.com }
//	    verified_addresses: [ada@example.com]
//	    password_file: secrets/ada
type DeclaredIdentity struct {
	// Key is what this file calls the person; the id is given by the server.
	Key string `yaml:"key"`
	// Schema is the identity schema. Default: identity.schema.
	Schema string `yaml:"schema"`
	// Traits are what the schema asks for.
	Traits Personal `yaml:"traits"`
	// State is active or inactive. Default: active.
	State IdentityState `yaml:"state"`
	// VerifiedAddresses are addresses, of those in the traits, that nobody has to prove.
	VerifiedAddresses []string `yaml:"verified_addresses"`
	// PasswordFile holds the first password. It is set when the person is made, and never again.
	PasswordFile string `yaml:"password_file"`
	// Password is what the file holds.
	Password Secret `yaml:"-"`
	// PasswordHashFile holds the hash of a password, which is set whenever the file holds another one.
	PasswordHashFile string `yaml:"password_hash_file"`
	// PasswordHash is what the file holds.
	PasswordHash Secret `yaml:"-"`
	// MetadataPublic is what applications and the person may read.
	MetadataPublic Personal `yaml:"metadata_public"`
	// MetadataAdmin is what the admin API alone shows.
	MetadataAdmin Personal `yaml:"metadata_admin"`
}

// IdentityState says whether a person may sign in.
type IdentityState string

// States of a person.
const (
	IdentityActive   IdentityState = "active"
	IdentityInactive IdentityState = "inactive"
)

func (IdentityState) words() []string {
	return []string{string(IdentityActive), string(IdentityInactive)}
}

// Declared says how the clients and identities of this file are kept.
type Declared struct {
	// Owner is the name of this file in what it made. Files of one installation that declare different
	// things need different names, or each would remove what the other made. Default: stack.yaml.
	Owner string `yaml:"owner"`
	// Drift says what a start does about changes by hand: report, or repair. Default: report.
	Drift DriftPolicy `yaml:"drift"`
}

// DriftPolicy says what is done about changes by hand to what the file made.
type DriftPolicy string

// Choices for declared.drift.
const (
	DriftReport DriftPolicy = "report"
	DriftRepair DriftPolicy = "repair"
)

func (DriftPolicy) words() []string { return []string{string(DriftReport), string(DriftRepair)} }

func defaultDeclared() Declared { return Declared{Owner: "stack.yaml", Drift: DriftReport} }

// Personal is a free map of what is personal. It prints its keys only.
type Personal map[string]any

// String returns the keys.
func (p Personal) String() string { return Settings(p).String() }

// GoString returns the keys.
func (p Personal) GoString() string { return p.String() }

// Format prints the keys, whatever the verb.
func (p Personal) Format(f fmt.State, _ rune) { io.WriteString(f, p.String()) } //nolint:errcheck // fmt has no use for it

// MarshalJSON writes the keys.
func (p Personal) MarshalJSON() ([]byte, error) { return json.Marshal(Settings(p).masked()) }

// MarshalYAML writes the keys.
func (p Personal) MarshalYAML() (any, error) { return Settings(p).masked(), nil }

// LogValue hands only the keys to a log.
func (p Personal) LogValue() slog.Value { return slog.StringValue(p.String()) }
