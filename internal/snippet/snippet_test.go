package snippet_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"example.com/identityd/internal/snippet"
)

func input(kind string, redirects ...string) snippet.Input {
	return snippet.Input{
		Kind: kind, Name: `Ada's "<b>" $HOME`, Issuer: "https://id.example.com/", Token: "https://id.example.com/oauth2/token",
		Authorization: "https://id.example.com/oauth2/auth", Metadata: "https://id.example.com/.well-known/oauth-authorization-server",
		ClientID: "it's $me", Secret: "a'b$c", AuthMethod: "client_secret_basic", Redirects: redirects,
		SignedOuts: []string{"https://other.example.com/", "https://app.example.com/"}, Scopes: []string{"openid", "email"},
	}
}

func files(t *testing.T, name string, in snippet.Input) map[string]string {
	t.Helper()
	s, err := snippet.Make(name, in)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range s.Files {
		out[f.Name] = f.Content
		if strings.Contains(f.Content, in.Secret) && in.Secret != "" && !f.Secret {
			t.Errorf("%s holds the secret", f.Name)
		}
	}
	return out
}

func TestWhatIsWrittenIsQuoted(t *testing.T) {
	page := files(t, "oidc-client-ts", input("spa", "https://app.example.com/"))
	if want := `<title>Ada&#39;s &#34;&lt;b&gt;&#34; $HOME</title>`; !strings.Contains(page["index.html"], want) {
		t.Errorf("got %s, want %s", page["index.html"], want)
	}
	if want := `client_id: "it's $me"`; !strings.Contains(page["app.js"], want) {
		t.Errorf("got %s, want %s", page["app.js"], want)
	}
	if want := `post_logout_redirect_uri: "https://app.example.com/"`; !strings.Contains(page["app.js"], want) {
		t.Errorf("got %s, want %s", page["app.js"], want)
	}
	machine := files(t, "curl", input("machine"))
	if want := `CLIENT_SECRET='a'\''b$c'`; strings.TrimSpace(machine[".env"]) != want {
		t.Errorf("got %s, want %s", machine[".env"], want)
	}
	if want := `'it'\''s $me'`; !strings.Contains(machine["token.sh"], want) {
		t.Errorf("got %s, want %s", machine["token.sh"], want)
	}
	phone := files(t, "appauth", input("native", "http://127.0.0.1/cb", "com.example.app:/cb"))
	if want := `"it's \$me"`; !strings.Contains(phone["Android.kt"], want) || !strings.Contains(phone["Android.kt"], `Uri.parse("com.example.app:/cb")`) {
		t.Errorf("got %s, want %s and the scheme", phone["Android.kt"], want)
	}
}

func TestAnOriginIsCompletedByTheLibrary(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"oidc-client-ts", "https://app.example.com", "https://app.example.com/"},
		{"oidc-client-ts", "https://app.example.com/app", "https://app.example.com/app"},
		{"authjs", "https://app.example.com", "https://app.example.com/auth/callback/identityd"},
		{"authjs", "https://app.example.com/", "https://app.example.com/"},
		{"go-oidc", "http://localhost:8080", "http://localhost:8080/callback"},
		{"spring", "https://app.example.com", "https://app.example.com/login/oauth2/code/identityd"},
		{"appauth", "com.example.app:/", "com.example.app:/oauth2redirect"},
		{"appauth", "com.example.app:/cb", "com.example.app:/cb"},
		{"mcp", "http://127.0.0.1", "http://127.0.0.1/callback"},
		{"go-oidc", "no address", "no address"},
	} {
		if got := snippet.Callback(tt.name, tt.in); got != tt.want {
			t.Errorf("%s at %s: got %s, want %s", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestEveryKindHasASnippetThatIsMade(t *testing.T) {
	made := map[string]bool{}
	for kind, redirect := range map[string]string{"spa": "http://localhost:5173", "web": "https://app.example.com", "native": "com.example.app:", "machine": "", "mcp": "http://127.0.0.1"} {
		for _, name := range snippet.For(kind) {
			in := input(kind)
			if redirect != "" {
				in.Redirects = []string{snippet.Callback(name, redirect), "http://127.0.0.1/callback"}
			}
			for file, content := range files(t, name, in) {
				if strings.TrimSpace(content) == "" || strings.Contains(content, "<no value>") {
					t.Errorf("%s of %s for %s is %q", file, name, kind, content)
				}
			}
			made[name] = true
		}
	}
	for _, name := range snippet.Names() {
		if !made[name] {
			t.Errorf("%s is for nothing", name)
		}
	}
}

func TestSpringIsToldWhatItsRegistrationNeeds(t *testing.T) {
	var got struct {
		Spring struct {
			Security struct {
				OAuth2 struct {
					Client struct {
						Registration map[string]struct {
							ClientID string `yaml:"client-id"`
							Secret   string `yaml:"client-secret"`
							Method   string `yaml:"client-authentication-method"`
							Redirect string `yaml:"redirect-uri"`
							Scope    []string
						}
						Provider map[string]struct {
							Issuer string `yaml:"issuer-uri"`
						}
					}
				}
			}
		}
	}
	text := files(t, "spring", input("web", "https://app.example.com/login/oauth2/code/id"))["src/main/resources/application.yml"]
	if err := yaml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	c := got.Spring.Security.OAuth2.Client
	r, ok := c.Registration["id"] // Spring takes it from the end of the path
	if !ok || r.ClientID != "it's $me" || r.Secret != "${CLIENT_SECRET}" || r.Method != "client_secret_basic" || len(r.Scope) != 2 || c.Provider["id"].Issuer != "https://id.example.com/" {
		t.Errorf("got %+v of\n%s", c, text)
	}
}

func TestTheProtectedServerOfMCPNamesItsIssuer(t *testing.T) {
	in := input("mcp", "http://127.0.0.1/callback")
	in.Audience = []string{"https://mcp.example.com/tools"}
	var got struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers"`
	}
	if err := json.Unmarshal([]byte(files(t, "mcp", in)["oauth-protected-resource.json"]), &got); err != nil {
		t.Fatal(err)
	}
	if got.Resource != in.Audience[0] || len(got.Servers) != 1 || got.Servers[0] != in.Issuer {
		t.Errorf("got %+v", got)
	}
}

func TestWhatALibraryCannotDoIsSaid(t *testing.T) {
	for _, tt := range []struct {
		name, kind, redirect, want string
	}{
		{"authjs", "web", "https://app.example.com/cb", `name the origin alone (https://app.example.com)`},
		{"spring", "web", "https://app.example.com/cb", `/login/oauth2/code/NAME`},
		{"go-oidc", "web", "https://app.example.com/", `needs a path of its own, as in https://app.example.com/callback`},
		{"appauth", "native", "http://127.0.0.1/cb", `a domain of yours backwards`},
		{"go-oidc", "native", "com.example.app:/cb", `name http://127.0.0.1/callback`},
		{"spring", "spa", "https://app.example.com/", `there is oidc-client-ts`},
	} {
		if _, err := snippet.Make(tt.name, input(tt.kind, tt.redirect)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s for %s at %s: got %v, want %q", tt.name, tt.kind, tt.redirect, err, tt.want)
		}
	}
}

// TestTheVersionsForGoAreThoseOfThisModule lets the tests of the browser compile the code without a network.
func TestTheVersionsForGoAreThoseOfThisModule(t *testing.T) {
	ours, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]snippet.Input{"go-oidc": input("web", "https://app.example.com/cb"), "go": input("machine")} {
		for _, need := range regexp.MustCompile(`(?m)^(?:require|\t)\s*(\S+/\S+ v\S+)`).FindAllStringSubmatch(files(t, name, in)["go.mod"], -1) {
			if !strings.Contains(string(ours), need[1]) {
				t.Errorf("%s wants %s, which go.mod does not", name, need[1])
			}
		}
	}
}
