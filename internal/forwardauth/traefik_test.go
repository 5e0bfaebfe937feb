package forwardauth

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// traefik is as much of the schema of Traefik's file provider as the file uses; a key beside it is an error.
type traefik struct {
	HTTP struct {
		Routers map[string]struct {
			Rule        string
			EntryPoints []string `yaml:"entryPoints"`
			Middlewares []string
			Service     string
			TLS         struct{}
		}
		Middlewares map[string]struct {
			Headers struct {
				Custom map[string]string `yaml:"customRequestHeaders"`
			}
			ForwardAuth struct {
				Address             string
				TrustForwardHeader  *bool    `yaml:"trustForwardHeader"`
				AuthResponseHeaders []string `yaml:"authResponseHeaders"`
			} `yaml:"forwardAuth"`
		}
		Services map[string]struct {
			LoadBalancer struct{ Servers []struct{ URL string } } `yaml:"loadBalancer"`
		}
	}
}

func TestTheFileOfTraefik(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "deploy", "forward-auth", "traefik.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var f traefik
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		t.Fatal(err)
	}
	for name, r := range f.HTTP.Routers {
		if _, there := f.HTTP.Services[r.Service]; !there || len(r.Middlewares) != 2 {
			t.Fatalf("router %s leads to nothing", name)
		}
		m := f.HTTP.Middlewares[r.Middlewares[1]].ForwardAuth
		want := []string{HeaderUser, HeaderEmail, HeaderName, HeaderGroups}
		gone := f.HTTP.Middlewares[r.Middlewares[0]].Headers.Custom
		for _, name := range want {
			if value, there := gone[strings.ReplaceAll(name, "-", "_")]; !there || value != "" {
				t.Errorf("got %v, want %s with an underscore taken away", gone, name)
			}
		}
		if !slices.Equal(m.AuthResponseHeaders, want) || m.TrustForwardHeader == nil || *m.TrustForwardHeader {
			t.Errorf("got %+v, want %v taken from the answer, and nothing believed that a browser sends", m, want)
		}
	}
}
