package config

// Client is an OAuth2 client owned by the configuration: made, kept as written, and removed when it is taken out of the
// file.
//
//	clients:
//	  - id: app
//	    name: Example
//	    secret_file: secrets/app
//	    redirect_uris: [https://app.example.com/callback]
//	    post_logout_redirect_uris: [https://app.example.com/]
//	  - id: spa
//	    kind: spa
//	    redirect_uris: [https://spa.example.com/callback]
//	    origins: [https://spa.example.com]
type Client struct {
	// ID is the client_id that the application sends.
	ID string `yaml:"id"`
	// Kind is what sort of application it is: web, spa, native, machine or mcp. It fills the defaults of the
	// words below. Empty: any, and the defaults named there.
	Kind ClientKind `yaml:"kind"`
	// Name is what people see when they are asked for consent.
	Name string `yaml:"name"`
	// Secret is the client_secret; without one the client is public.
	Secret Secret `yaml:"secret"`
	// SecretFile is a file that holds the secret, in its one line.
	SecretFile string `yaml:"secret_file"`
	// RedirectURIs are the addresses at which a sign-in may end, compared letter by letter.
	RedirectURIs []string `yaml:"redirect_uris"`
	// PostLogoutRedirectURIs are the addresses at which a sign-out may end.
	PostLogoutRedirectURIs []string `yaml:"post_logout_redirect_uris"`
	// GrantTypes are the ways to a token. Default: authorization_code and refresh_token.
	GrantTypes []string `yaml:"grant_types"`
	// ResponseTypes are what the authorization endpoint may answer with. Default: code.
	ResponseTypes []string `yaml:"response_types"`
	// Scope lists the scopes the client may ask for. Default: openid offline_access email profile.
	Scope Words `yaml:"scope"`
	// Audience lists the audiences, such as addresses of APIs, that it may ask tokens for.
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
	// FrontchannelLogoutURI is opened in a frame of the browser that signs out, so that the application can end its session
	// there.
	FrontchannelLogoutURI string `yaml:"frontchannel_logout_uri"`
	// BackchannelLogoutURI is called with a signed message when a session ends, so that the application can end its own.
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
	// Contacts are mail addresses of people responsible for it.
	Contacts []string `yaml:"contacts"`
	// AccessTokenStrategy is the form of its access tokens, opaque or jwt; empty: tokens.format.
	AccessTokenStrategy TokenFormat `yaml:"access_token_strategy"`
	// Claims are the only claims of people that it may get, of those that its scopes reveal. Default: all.
	Claims Words `yaml:"claims"`
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
	c.Kind.settle(c)
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
