package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Provider is an upstream sign-in service.
type Provider struct {
	// ID names it in its callback address and in the database: it is never changed. Letters, digits, - and _.
	ID string `yaml:"id"`
	// Preset is the kind of service: google, github, gitlab, microsoft, apple or oidc (any other that
	// speaks OpenID Connect). Default: the id, when it is one of these words.
	Preset string `yaml:"preset"`
	// Name is what the button calls it. Default: the name of the preset.
	Name string `yaml:"name"`
	// ClientID is this service's name at the provider.
	ClientID string `yaml:"client_id"`
	// ClientSecret is the secret the provider gave out.
	ClientSecret Secret `yaml:"client_secret"`
	// ClientSecretFile is a file that holds the secret.
	ClientSecretFile string `yaml:"client_secret_file"`
	// Issuer is the address of the service: needed for oidc, allowed for a gitlab of one's own.
	Issuer string `yaml:"issuer"`
	// ClaimsFrom is where an oidc service says who somebody is: userinfo, or id_token for one that says more there.
	ClaimsFrom string `yaml:"claims_from"`
	// Scopes are asked for at the provider. Default: what name and address need.
	Scopes Words `yaml:"scopes"`
	// Tenant is microsoft's: common, organizations, consumers, or one directory by id or domain.
	Tenant string `yaml:"tenant"`
	// TeamID is apple's, which takes a statement signed with the key of a .p8 file in place of a secret.
	TeamID string `yaml:"team_id"`
	// KeyID is apple's too: the id of that key.
	KeyID string `yaml:"key_id"`
	// KeyFile is apple's too: the file of that key.
	KeyFile string `yaml:"key_file"`
	// MapperFile is a Jsonnet file that makes traits of what the provider says, in place of ours.
	MapperFile string `yaml:"mapper_file"`

	key Secret
}

// Presets of providers.
const (
	PresetGoogle    = "google"
	PresetGitHub    = "github"
	PresetGitLab    = "gitlab"
	PresetMicrosoft = "microsoft"
	PresetApple     = "apple"
	PresetOIDC      = "oidc"
)

// Where a service says who somebody is. By the book it is userinfo: with an authorization code, most leave the ID
// token at the subject (OpenID Connect Core 1.0, section 5.4).
const (
	ClaimsFromUserinfo = "userinfo"
	ClaimsFromIDToken  = "id_token"
)

func providerPresets() []string {
	return []string{PresetGoogle, PresetGitHub, PresetGitLab, PresetMicrosoft, PresetApple, PresetOIDC}
}

// Key returns the private key of KeyFile.
func (p Provider) Key() Secret { return p.key }

// settle writes the defaults where nothing is said.
func (p *Provider) settle() {
	if p.Preset == "" && slices.Contains(providerPresets(), p.ID) {
		p.Preset = p.ID
	}
	if p.Name == "" {
		p.Name = map[string]string{
			PresetGoogle: "Google", PresetGitHub: "GitHub", PresetGitLab: "GitLab", PresetMicrosoft: "Microsoft", PresetApple: "Apple",
		}[p.Preset]
	}
	if p.Preset == PresetOIDC && p.ClaimsFrom == "" {
		p.ClaimsFrom = ClaimsFromUserinfo
	}
	if p.Scopes == nil {
		p.Scopes = map[string]Words{
			PresetGitHub: {"read:user", "user:email"}, PresetApple: {"name", "email"},
		}[p.Preset]
	}
	if p.Scopes == nil {
		p.Scopes = Words{"openid", "profile", "email"}
	}
}

// Callback returns the address that has to be registered at the provider. kratos is the address of
// the self-service API as a browser sees it.
func (p Provider) Callback(kratos string) string {
	return strings.TrimRight(kratos, "/") + "/self-service/methods/oidc/callback/" + p.ID
}

// Callbacks returns the addresses that have to be registered, each by the word of its provider, as far as they are known
// before anything is bound.
func (c Config) Callbacks() []string {
	out := make([]string, 0, len(c.Login.Providers))
	for _, p := range c.Login.Providers {
		out = append(out, p.Callback(c.selfService()))
	}
	return out
}

// nameCallbacks writes beside each provider what has to be registered there.
func (c Config) nameCallbacks(list *yaml.Node) {
	callbacks := c.Callbacks()
	for i, item := range list.Content {
		item.HeadComment = "callback address to register: " + callbacks[i]
	}
}
