package config

// Client is an OAuth2 client owned by the configuration.
type Client struct {
	// ID is the client_id.
	ID string `yaml:"id"`
	// Name is what people see when they are asked for consent.
	Name string `yaml:"name"`
	// Secret is the client_secret; without one the client is public.
	Secret Secret `yaml:"secret"`
	// SecretFile is a file that holds the secret.
	SecretFile string `yaml:"secret_file"`
	// RedirectURIs are where a sign-in may end.
	RedirectURIs []string `yaml:"redirect_uris"`
	// PostLogoutRedirectURIs are where a sign-out may end.
	PostLogoutRedirectURIs []string `yaml:"post_logout_redirect_uris"`
	// GrantTypes are the ways to a token. Default: authorization_code and refresh_token.
	GrantTypes []string `yaml:"grant_types"`
	// ResponseTypes are what the authorization endpoint may answer with. Default: code.
	ResponseTypes []string `yaml:"response_types"`
	// Scope lists the scopes the client may ask for. Default: openid offline_access email profile.
	Scope Words `yaml:"scope"`
	// Audience lists the audiences it may ask for.
	Audience []string `yaml:"audience"`
	// TokenEndpointAuthMethod is how the client proves itself: client_secret_basic,
	// client_secret_post or none. Default: client_secret_basic with a secret, none without.
	TokenEndpointAuthMethod ClientAuth `yaml:"token_endpoint_auth_method"`
	// Origins are the browser origins whose pages may call the token endpoint and its like.
	Origins []string `yaml:"origins"`
	// SkipConsent leaves the consent page out, for applications of one's own.
	SkipConsent bool `yaml:"skip_consent"`
	// SkipLogoutConsent leaves out the question whether to sign out, for applications of one's own.
	SkipLogoutConsent bool `yaml:"skip_logout_consent"`
	// FrontchannelLogoutURI is opened in a frame of the browser that signs out.
	FrontchannelLogoutURI string `yaml:"frontchannel_logout_uri"`
	// BackchannelLogoutURI is told of the end of a session, by a signed message.
	BackchannelLogoutURI string `yaml:"backchannel_logout_uri"`
	// LogoFile is an image that the pages show and serve themselves.
	LogoFile string `yaml:"logo_file"`
	// Logo is what the file holds.
	Logo Image `yaml:"-"`
	// LogoURI is the address of a logo, shown where consent.logos is https.
	LogoURI string `yaml:"logo_uri"`
	// ClientURI is the address of the application.
	ClientURI string `yaml:"client_uri"`
	// PolicyURI is the address of its privacy notice.
	PolicyURI string `yaml:"policy_uri"`
	// TOSURI is the address of its terms of service.
	TOSURI string `yaml:"tos_uri"`
	// Contacts are people responsible for it.
	Contacts []string `yaml:"contacts"`
	// AccessTokenStrategy is the form of its access tokens, opaque or jwt; empty: tokens.format.
	AccessTokenStrategy TokenFormat `yaml:"access_token_strategy"`
}

// Words is a list that may also be written as one text with spaces between.
type Words []string

// ClientAuth is how a client proves itself at the token endpoint.
type ClientAuth string

// Ways for a client to prove itself.
const (
	ClientAuthBasic ClientAuth = "client_secret_basic"
	ClientAuthPost  ClientAuth = "client_secret_post"
	ClientAuthNone  ClientAuth = "none"
)

func (ClientAuth) words() []string {
	return []string{string(ClientAuthBasic), string(ClientAuthPost), string(ClientAuthNone)}
}

// settle writes the defaults where nothing is said. An empty list is something.
func (c *Client) settle() {
	if c.GrantTypes == nil {
		c.GrantTypes = []string{"authorization_code", "refresh_token"}
	}
	if c.ResponseTypes == nil {
		c.ResponseTypes = []string{"code"}
	}
	if c.Scope == nil {
		c.Scope = Words{"openid", "offline_access", "email", "profile"}
	}
	if c.TokenEndpointAuthMethod == "" {
		c.TokenEndpointAuthMethod = ClientAuthBasic
		if c.Secret.Empty() && c.SecretFile == "" {
			c.TokenEndpointAuthMethod = ClientAuthNone
		}
	}
}

// EnforcesPKCE reports whether public clients have to use PKCE: unless the hydra: block says otherwise, they do.
func (c Config) EnforcesPKCE() bool {
	leaves := map[string]any{}
	flatten(leaves, "", c.Hydra)
	return leaf(leaves, "oauth2.pkce.enforced_for_public_clients") != false || leaf(leaves, "oauth2.pkce.enforced") == true
}
