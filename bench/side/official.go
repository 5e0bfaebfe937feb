package side

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// Official is what upstream documents: Hydra, Kratos and a Node server for the pages, each a process of its own, which call each other over loopback.
type Official struct {
	// Hydra and Kratos are the programs, Node is the runtime, UI the folder of the pages with its node_modules, Schema the file that says what a person is.
	Hydra, Kratos, Node, UI, Schema string
}

// SchemaID names the schema of people on both sides.
const SchemaID = "email@1"

// The three names, below one domain, as the cookies of Kratos and its pages have to be.
const (
	officialDomain = "bench.example.com"
	hydraHost      = "hydra." + officialDomain
	kratosHost     = "kratos." + officialDomain
	uiHost         = "ui." + officialDomain
)

// Name implements Side.
func (Official) Name() string { return "official" }

// Files implements Side.
func (s Official) Files() []string { return []string{s.Hydra, s.Kratos, s.Node, s.UI} }

// trio is one process of each role with its listeners.
type trio struct {
	hydraPublic, hydraAdmin, kratosPublic, kratosAdmin, ui string
	hydraFile, kratosFile                                  string
}

// Start implements Side.
func (s Official) Start(ctx context.Context, o Options) (_ *Running, err error) {
	b, err := prepare(o)
	if err != nil {
		return nil, err
	}
	r := newRunning(s.Name(), o, Addresses{OAuth2: "https://" + hydraHost, Kratos: "https://" + kratosHost, UI: "https://" + uiHost})
	defer r.giveUp(&err)
	trios := make([]trio, o.processes())
	for i := range trios {
		if trios[i], err = s.trio(ctx, o, b, i); err != nil {
			return nil, err
		}
		r.serves(hydraHost, trios[i].hydraPublic)
		r.serves(kratosHost, trios[i].kratosPublic)
		r.serves(uiHost, trios[i].ui)
	}
	r.HydraAdmin, r.KratosAdmin = "http://"+trios[0].hydraAdmin, "http://"+trios[0].kratosAdmin
	begin := time.Now()
	jobs, err := s.migrate(ctx, o, trios[0], r)
	if err != nil {
		return nil, err
	}
	if err := s.serve(ctx, o, b, trios, r); err != nil {
		return nil, err
	}
	return r, r.isReady(begin, jobs...)
}

// trio writes the configuration of one process of each role.
func (s Official) trio(ctx context.Context, o Options, b secrets, i int) (trio, error) {
	ports, err := freePorts(ctx, 5)
	if err != nil {
		return trio{}, err
	}
	t := trio{
		ports[0], ports[1], ports[2], ports[3], ports[4],
		filepath.Join(o.Dir, numbered("hydra", i)+".json"), filepath.Join(o.Dir, numbered("kratos", i)+".json"),
	}
	if err := writeJSON(t.hydraFile, s.hydraConfig(o, b, t)); err != nil {
		return t, err
	}
	return t, writeJSON(t.kratosFile, s.kratosConfig(o, b, t))
}

// migrate runs upstream's migration jobs, both at once, unless an earlier start did.
func (s Official) migrate(ctx context.Context, o Options, t trio, r *Running) ([]*process, error) {
	marker := filepath.Join(o.Dir, "migrated.json")
	var done Databases
	if readJSON(marker, &done) && done == o.Databases {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begin := time.Now()
	var jobs []*process
	for _, job := range [][]string{
		{"hydra-migrate", s.Hydra, "migrate", "sql", "up", "-e", "--yes", "--config", t.hydraFile},
		{"kratos-migrate", s.Kratos, "migrate", "sql", "-e", "--yes", "--config", t.kratosFile},
	} {
		p, err := startProcess(o.Dir, job[0], o.Environment, job[1], job[2:]...)
		if err != nil {
			return jobs, err
		}
		jobs = append(jobs, p)
	}
	for _, p := range jobs {
		if err := p.finish(ctx); err != nil {
			for _, other := range jobs {
				err = errors.Join(err, other.stop())
			}
			return jobs, err
		}
	}
	r.Migrated = time.Since(begin)
	return jobs, writeJSON(marker, o.Databases)
}

func (s Official) serve(ctx context.Context, o Options, b secrets, trios []trio, r *Running) error {
	var ready []string
	var starts []func() (*process, error)
	for i, t := range trios {
		hydra, kratos := numbered("hydra", i), numbered("kratos", i)
		r.Metrics[hydra] = "http://" + t.hydraAdmin + "/admin/metrics/prometheus"
		r.Metrics[kratos] = "http://" + t.kratosAdmin + "/admin/metrics/prometheus"
		ready = append(ready, "http://"+t.hydraPublic+"/health/ready", "http://"+t.hydraAdmin+"/health/ready",
			"http://"+t.kratosPublic+"/health/ready", "http://"+t.kratosAdmin+"/health/ready", "http://"+t.ui+"/health/ready")
		starts = append(starts, func() (*process, error) {
			return startProcess(o.Dir, hydra, o.Environment, s.Hydra, "serve", "all", "--sqa-opt-out", "--config", t.hydraFile)
		}, func() (*process, error) {
			return startProcess(o.Dir, kratos, o.Environment, s.Kratos, "serve", "--sqa-opt-out", "--config", t.kratosFile)
		}, func() (*process, error) {
			return startProcess(o.Dir, numbered("ui", i), append(s.uiEnvironment(b, t), o.Environment...), s.Node, filepath.Join(s.UI, "server.js"))
		})
	}
	if err := r.start(starts...); err != nil {
		return err
	}
	return waitReady(ctx, r.processes, ready...)
}

func (s Official) uiEnvironment(b secrets, t trio) []string {
	_, port, _ := strings.Cut(t.ui, ":")
	return []string{
		"NODE_ENV=production", "HOST=127.0.0.1", "PORT=" + port,
		"KRATOS_PUBLIC_URL=http://" + t.kratosPublic, "KRATOS_BROWSER_URL=https://" + kratosHost,
		"KRATOS_ADMIN_URL=http://" + t.kratosAdmin, "HYDRA_ADMIN_URL=http://" + t.hydraAdmin, "COOKIE_SECRET=" + b.Cookie,
	}
}

// hydraConfig has what Hydra cannot do without, and leaves the rest to its defaults.
func (s Official) hydraConfig(o Options, b secrets, t trio) map[string]any {
	return map[string]any{
		"dsn":   s.dsn(o, o.Databases.Hydra, "hydra"),
		"log":   map[string]any{"level": "error"},
		"serve": map[string]any{"public": listener(t.hydraPublic), "admin": listener(t.hydraAdmin)},
		"urls": map[string]any{
			"self":    map[string]any{"issuer": "https://" + hydraHost},
			"login":   "https://" + uiHost + "/login",
			"consent": "https://" + uiHost + "/consent",
			"logout":  "https://" + uiHost + "/logout",
		},
		"secrets":    map[string]any{"system": []string{b.System}, "cookie": []string{b.Cookie}},
		"strategies": map[string]any{"access_token": o.tokens()},
	}
}

// kratosConfig is upstream's quickstart for a password, in production: its methods and flows are the defaults, people are signed in when they have signed up. Nothing
// outside is called, so that passwords are not looked up at api.pwnedpasswords.com.
func (s Official) kratosConfig(o Options, b secrets, t trio) map[string]any {
	ui := "https://" + uiHost
	c := map[string]any{
		"version": "v1.3.0",
		"dsn":     s.dsn(o, o.Databases.Kratos, "kratos"),
		"log":     map[string]any{"level": "error"},
		"serve": map[string]any{
			"public": with(listener(t.kratosPublic), "base_url", "https://"+kratosHost+"/"),
			"admin":  with(listener(t.kratosAdmin), "base_url", "http://"+t.kratosAdmin+"/"),
		},
		"oauth2_provider": map[string]any{"url": "http://" + t.hydraAdmin},
		"cookies":         map[string]any{"domain": officialDomain},
		"secrets":         map[string]any{"cookie": []string{b.Cookie}, "cipher": []string{b.Cipher}},
		"identity": map[string]any{
			"default_schema_id": SchemaID,
			"schemas":           []any{map[string]any{"id": SchemaID, "url": (&url.URL{Scheme: "file", Path: s.Schema}).String()}},
		},
		"selfservice": map[string]any{
			"default_browser_return_url": ui + "/",
			"allowed_return_urls":        []string{ui},
			"methods":                    map[string]any{"password": map[string]any{"config": map[string]any{"haveibeenpwned_enabled": false}}},
			"flows": map[string]any{
				"error":    map[string]any{"ui_url": ui + "/error"},
				"login":    map[string]any{"ui_url": ui + "/login"},
				"settings": map[string]any{"ui_url": ui + "/settings"},
				"registration": map[string]any{
					"ui_url": ui + "/registration",
					"after":  map[string]any{"password": map[string]any{"hooks": []any{map[string]any{"hook": "session"}}}},
				},
				"logout": map[string]any{"after": map[string]any{"default_browser_return_url": ui + "/login"}},
			},
		},
	}
	if h := o.Hasher.argon2(); h != nil {
		c["hashers"] = map[string]any{"algorithm": "argon2", "argon2": h}
	}
	if o.Hasher == Argon2 {
		c["hashers"] = map[string]any{"algorithm": "argon2"}
	}
	return c
}

// dsn gives both sides the same pools: upstream's default is two connections for each core.
func (s Official) dsn(o Options, database, name string) string {
	if !o.onPostgres() {
		return fmt.Sprintf("sqlite://%s?_fk=true", filepath.Join(o.Dir, name+".sqlite"))
	}
	return database + "&max_conns=20&max_idle_conns=10"
}

func listener(address string) map[string]any {
	host, port, _ := strings.Cut(address, ":")
	var n int
	fmt.Sscanf(port, "%d", &n) //nolint:errcheck // made by freePorts
	return map[string]any{"host": host, "port": n}
}

func with(m map[string]any, key string, value any) map[string]any {
	m[key] = value
	return m
}
