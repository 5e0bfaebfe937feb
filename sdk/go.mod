module example.com/identityd/sdk

go 1.26.0

require (
	github.com/ory/client-go v1.22.92
	github.com/ory/hydra-client-go/v2 v2.2.1
	github.com/ory/kratos-client-go v1.3.8
)

require golang.org/x/oauth2 v0.37.0 // indirect
