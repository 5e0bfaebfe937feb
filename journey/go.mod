module example.com/identityd/journey

go 1.26.0

require (
	github.com/PuerkitoBio/goquery v1.13.0
	github.com/coreos/go-oidc/v3 v3.21.0
	github.com/go-jose/go-jose/v4 v4.1.4
	github.com/google/go-cmp v0.7.0
	golang.org/x/net v0.62.0
	golang.org/x/oauth2 v0.37.0
)

require github.com/andybalholm/cascadia v1.3.4 // indirect
