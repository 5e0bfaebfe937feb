package config

import "time"

// Hook is a web address called when something happens; docs/hooks.md says what is sent and how it is verified.
//
//	hooks:
//	  - on: [registration.after, settings.after]
//	    url: https://crm.example.com/hooks
//	    secret_file: secrets/crm
//	    include: traits
type Hook struct {
	// Name is what commands and waiting messages call it. It is never reused for another receiver. Default: host and
	// path of the address.
	Name string `yaml:"name"`
	// On names the events, one or several: registration.before or .after, login.before or .after, recovery.after,
	// settings.before or .after, consent.before or .after, token.before, offboarding.after. The receiver of one that
	// ends in .before may refuse.
	On Words `yaml:"on"`
	// URL is what is called.
	URL string `yaml:"url"`
	// SecretFile is a file with the secret that signs the calls, at least 32 bytes; with several lines, each of them
	// signs.
	SecretFile string `yaml:"secret_file"`
	// Blocking has the request wait for the first attempt at an event that ends in .after. One that ends in .before is
	// always waited for.
	Blocking bool `yaml:"blocking"`
	// Timeout bounds each call. Default: 2s; 10s at the most.
	Timeout time.Duration `yaml:"timeout"`
	// OnFailure says what becomes of a person when the receiver of an event that ends in .before cannot be asked:
	// refuse or allow. Default: refuse.
	OnFailure HookFailure `yaml:"on_failure"`
	// Include lists what is sent beside ids and words: traits.
	Include Words `yaml:"include"`

	secrets Secret
}

// HookFailure says what happens when nobody can be asked.
type HookFailure string

// Choices for hooks[].on_failure.
const (
	HookRefuse HookFailure = "refuse"
	HookAllow  HookFailure = "allow"
)

func (HookFailure) words() []string { return []string{string(HookRefuse), string(HookAllow)} }

// hookTraits is the word of Include for the traits of the person.
const hookTraits = "traits"

// Bounds of Timeout.
const (
	hookTimeout  = 2 * time.Second
	hookLongest  = 10 * time.Second
	hookShortest = 100 * time.Millisecond
)

// hookEvents are the words of On. internal/stack holds them against those of internal/hooks.
func hookEvents() []string {
	return []string{
		"registration.before", "registration.after", "login.before", "login.after", "recovery.after", "settings.before", "settings.after",
		"consent.before", "consent.after", "token.before", "offboarding.after",
	}
}

// Secrets is what SecretFile holds.
func (h Hook) Secrets() Secret { return h.secrets }

// Traits reports whether the traits of the person are sent.
func (h Hook) Traits() bool {
	for _, word := range h.Include {
		if word == hookTraits {
			return true
		}
	}
	return false
}
