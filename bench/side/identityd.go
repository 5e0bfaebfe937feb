package side

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"time"
)

// Identityd is one process: both engines and the pages, as in production behind a proxy that ends TLS.
type Identityd struct {
	// Binary is the program.
	Binary string
}

const identitydHost = "id.bench.example.com"

// Name implements Side.
func (Identityd) Name() string { return "identityd" }

// Files implements Side.
func (s Identityd) Files() []string { return []string{s.Binary} }

// Start implements Side.
func (s Identityd) Start(ctx context.Context, o Options) (_ *Running, err error) {
	b, err := prepare(o)
	if err != nil {
		return nil, err
	}
	origin := "https://" + identitydHost
	r := newRunning(s.Name(), o, Addresses{OAuth2: origin, Kratos: origin, UI: origin})
	defer r.giveUp(&err)
	var ready []string
	starts := make([]func() (*process, error), o.processes())
	for i := range starts {
		ports, err := freePorts(ctx, 4)
		if err != nil {
			return nil, err
		}
		name := numbered("identityd", i)
		file := filepath.Join(o.Dir, name+".json")
		if err := writeJSON(file, s.config(o, b, filepath.Join(o.Dir, name+".data"), ports)); err != nil {
			return nil, err
		}
		r.serves(identitydHost, ports[0])
		if i == 0 {
			r.HydraAdmin, r.KratosAdmin = "http://"+ports[1], "http://"+ports[2]
		}
		r.Metrics[name] = "http://" + ports[3] + "/metrics"
		ready = append(ready, "http://"+ports[0]+"/health/ready")
		starts[i] = func() (*process, error) {
			return startProcess(o.Dir, name, o.Environment, s.Binary, "serve", "--config", file)
		}
	}
	begin := time.Now()
	if err := r.start(starts...); err != nil {
		return nil, err
	}
	if err := waitReady(ctx, r.processes, ready...); err != nil {
		return nil, err
	}
	return r, r.isReady(begin)
}

// config is what configs/init.production.yaml asks for, with nothing switched off. What differs: the host and its mail, which nobody could receive (then there is no
// courier, as at the other side), the level of the log, and attackers' passwords that are looked up in the program's own list, because nothing outside is called.
func (s Identityd) config(o Options, b secrets, data string, ports []string) map[string]any {
	c := map[string]any{
		"profile":  "production",
		"data_dir": data,
		"origin":   "https://" + identitydHost,
		"listen": map[string]any{
			"ui": ports[0], "hydra_public": "off", "kratos_public": "off",
			"hydra_admin": ports[1], "kratos_admin": ports[2], "ops": ports[3],
		},
		"proxy":    map[string]any{"trusted": []string{"127.0.0.1"}},
		"secrets":  map[string]any{"system": []string{b.System}, "cookie": []string{b.Cookie}, "cipher": []string{b.Cipher}},
		"identity": map[string]any{"schema": "email", "verification": "optional"},
		"login":    map[string]any{"first": map[string]any{"password": map[string]any{"breach_check": "offline"}}},
		"tokens":   map[string]any{"format": o.tokens()},
		"logging":  map[string]any{"level": "error"},
		"shutdown": map[string]any{"prestop": "0s"},
	}
	if o.onPostgres() {
		c["database"] = map[string]any{
			"hydra":  map[string]any{"url": o.Databases.Hydra},
			"kratos": map[string]any{"url": o.Databases.Kratos},
		}
	} else {
		folder := url.URL{Scheme: "sqlite", Path: filepath.Join(data, "sqlite")}
		c["database"] = map[string]any{"url": folder.String()}
	}
	if h := o.Hasher.argon2(); h != nil {
		c["kratos"] = map[string]any{"hashers": map[string]any{"argon2": h}}
	}
	return c
}

func numbered(name string, i int) string {
	if i == 0 {
		return name
	}
	return fmt.Sprintf("%s-%d", name, i+1)
}
