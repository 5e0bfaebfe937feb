package side

// Want is how many clients and people a side gets.
type Want struct {
	// Confidential clients have a secret and may use client_credentials, the code and refresh tokens, introspection and userinfo.
	Confidential int
	// Public clients are for the code with PKCE.
	Public int
	// People have an address and a password.
	People int
}

// Client is an OAuth2 client. Secret is empty at public ones.
type Client struct{ ID, Secret, RedirectURI string }

// Person can sign in.
type Person struct{ ID, Email, Password string }

// Population is what was made on one side.
type Population struct {
	Confidential, Public []Client
	People               []Person
}
