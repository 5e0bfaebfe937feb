package snippet

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// recipe is how one snippet is made.
type recipe struct {
	kinds []string
	// callback is the path of an address of which only the origin is named, and home is the address for who
	// names none, for a first try on one's own machine.
	callback, home string
	// folder is that of the templates, where that is not the name.
	folder   func(Input) string
	prepare  func(Input) (data, error)
	commands func(data) []string
	notes    func(data) []string
}

// The names of snippets.
const (
	clientTS = "oidc-client-ts"
	authJS   = "authjs"
	goOIDC   = "go-oidc"
	spring   = "spring"
	appAuth  = "appauth"
	curl     = "curl"
	goJob    = "go"
	mcp      = "mcp"
)

// filesOf are the files of a folder of templates, where they belong.
func filesOf(folder string) []string {
	return map[string][]string{
		clientTS:    {"package.json", "index.html", "app.js"},
		authJS:      {"package.json", ".env", "server.mjs"},
		goOIDC:      {"go.mod", ".env", "main.go"},
		"go-native": {"go.mod", "main.go"},
		spring:      {"pom.xml", ".env", "src/main/resources/application.yml", "src/main/java/com/example/Application.java"},
		appAuth:     {"Android.kt", "iOS.swift"},
		curl:        {".env", "token.sh"},
		goJob:       {"go.mod", ".env", "main.go"},
		mcp:         {"client.json", "oauth-protected-resource.json"},
	}[folder]
}

// Names are those of all snippets.
func Names() []string { return []string{clientTS, authJS, goOIDC, spring, appAuth, curl, goJob, mcp} }

// For are the snippets for a kind, the usual one first.
func For(kind string) []string {
	return map[string][]string{
		"spa": {clientTS}, "web": {goOIDC, authJS, spring}, "native": {appAuth, goOIDC}, "machine": {curl, goJob}, "mcp": {mcp},
	}[kind]
}

// Usual is the snippet for a client of a kind with these addresses: a program on a person's machine that listens
// on loopback needs no AppAuth.
func Usual(kind string, redirects []string) string {
	names := For(kind)
	if len(names) == 0 {
		return ""
	}
	if kind == "native" && !slices.ContainsFunc(redirects, ownScheme) {
		return goOIDC
	}
	return names[0]
}

// Callback completes an address of which only the origin, or the scheme, is named, by the path that a snippet listens on.
func Callback(name, raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Scheme == "" || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
	case u.Host != "" && u.Path == "":
		return raw + recipes()[name].callback
	case u.Host == "" && u.Opaque == "" && strings.Contains(u.Scheme, "."): // com.example.app: or com.example.app:/
		return u.Scheme + ":/oauth2redirect"
	}
	return raw
}

// Home is an address on this machine for who names none.
func Home(name string) string { return recipes()[name].home }

func ownScheme(uri string) bool {
	return !strings.HasPrefix(uri, "https:") && !strings.HasPrefix(uri, "http:")
}

func recipes() map[string]recipe {
	return map[string]recipe{
		clientTS: {
			kinds: []string{"spa"}, callback: "/", home: "http://localhost:5173", prepare: atFirst("5173", anyPath), notes: served,
			commands: func(data) []string { return []string{"npm install", "npm start"} },
		},
		authJS: {
			kinds: []string{"web"}, callback: "/auth/callback/identityd", home: "http://localhost:3000", prepare: atFirst("3000", lastWord("/callback/")), notes: served,
			commands: func(data) []string { return []string{"npm install", "npm start"} },
		},
		goOIDC: {
			kinds: []string{"web", "native"}, callback: "/callback", home: "http://localhost:8080", notes: served,
			folder: func(in Input) string {
				if in.Kind == "native" {
					return "go-native"
				}
				return goOIDC
			},
			prepare: func(in Input) (data, error) {
				if in.Kind == "native" {
					return atLoopback(in)
				}
				return atFirst("8080", pathOfItsOwn)(in)
			},
			commands: func(d data) []string {
				if d.Kind == "native" {
					return []string{"go mod tidy", "go run ."}
				}
				return []string{"go mod tidy", withEnv("go run .")}
			},
		},
		spring: {
			kinds: []string{"web"}, callback: "/login/oauth2/code/identityd", home: "http://localhost:8080", prepare: atFirst("8080", lastWord("/login/oauth2/code/")), notes: served,
			commands: func(data) []string { return []string{withEnv("mvn spring-boot:run")} },
		},
		appAuth: {
			kinds: []string{"native"}, callback: "/callback", prepare: atScheme,
			commands: func(data) []string { return []string{} },
			notes: func(d data) []string {
				return []string{"Copy the function for the system at hand into the application; AppAuth takes the scheme " + d.Scheme + " from the manifest or Info.plist."}
			},
		},
		curl: {kinds: []string{"machine"}, prepare: nowhere, notes: quiet, commands: func(data) []string { return []string{"sh token.sh"} }},
		goJob: {
			kinds: []string{"machine"}, prepare: nowhere, notes: quiet,
			commands: func(data) []string { return []string{"go mod tidy", withEnv("go run .")} },
		},
		mcp: {kinds: []string{"mcp"}, callback: "/callback", prepare: forMCP, commands: func(data) []string { return []string{} }, notes: mcpNotes},
	}
}

func withEnv(command string) string { return "(set -a; . ./.env; " + command + ")" }

func quiet(data) []string { return []string{} }

func served(d data) []string {
	if d.Kind == "native" {
		return []string{"It prints an address: open it in a browser."}
	}
	if d.Secure {
		return []string{fmt.Sprintf("It belongs behind %s; on this machine it listens on %s. To try it here make a client for http://localhost:%s.", d.Open, d.Listen, d.Port)}
	}
	return []string{"Open " + d.Open}
}

func mcpNotes(d data) []string {
	return []string{
		"The server that is protected serves oauth-protected-resource.json at /.well-known/oauth-protected-resource (RFC 9728), and names it in WWW-Authenticate.",
		"Access tokens are JWTs: verify iss, exp, the signature by the keys of the issuer, client_id and scp. Hydra does not know the parameter resource (RFC 8707); aud is in a token that was asked for by audience.",
		fmt.Sprintf("Metadata of the authorization server: %s (RFC 8414).", d.Metadata),
	}
}
