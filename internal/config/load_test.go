package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

// write puts files into a folder of the test and returns the folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(t *testing.T, opts config.Options) config.Config {
	t.Helper()
	opts.AnyMode = true // fixtures are as they were checked out
	cfg, err := config.Load(opts)
	if err != nil {
		t.Fatalf("got error:\n%v", err)
	}
	return cfg
}

func problems(t *testing.T, opts config.Options) []string {
	t.Helper()
	opts.AnyMode = true
	_, err := config.Load(opts)
	if err == nil {
		return nil
	}
	var p *config.Problems
	if !errors.As(err, &p) {
		t.Fatalf("got error %v, want *config.Problems", err)
	}
	var out []string
	for _, one := range p.List {
		out = append(out, one.String())
	}
	return out
}

func TestNoFileMeansDevelopment(t *testing.T) {
	dir := t.TempDir()
	cfg := load(t, config.Options{Dir: dir})
	got := map[string]any{
		"profile": cfg.Profile, "source": cfg.Source, "dir": cfg.Dir, "data": cfg.DataDir,
		"ui": cfg.Listen.UI.String(), "admin": cfg.Listen.HydraAdmin.String(), "db": cfg.Database.URL.Reveal(),
		"migrate": cfg.Database.Migrate, "drain": cfg.Shutdown.Drain, "prestop": cfg.Shutdown.Prestop,
		"format": cfg.Logging.Format, "min": cfg.Login.First.Password.MinLength,
	}
	data := filepath.Join(dir, "identityd-data")
	want := map[string]any{
		"profile": config.Development, "source": "", "dir": dir, "data": data,
		"ui": "localhost:3000", "admin": "127.0.0.1:4445", "db": "sqlite://" + data,
		"migrate": config.MigrateAuto, "drain": 5 * time.Second, "prestop": time.Duration(0),
		"format": config.LogFormat(""), "min": 12,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults differ (-want +got):\n%s", diff)
	}
}

func TestTheFixturesOfBothProfilesLoad(t *testing.T) {
	dev := load(t, config.Options{File: "testdata/ok/development.yaml"})
	here, err := filepath.Abs("testdata/ok")
	if err != nil {
		t.Fatal(err)
	}
	got := []any{
		dev.Session.Lifespan, dev.Database.Pool.MaxOpen, dev.Database.Pool.MaxIdle, dev.Listen.UI.String(),
		dev.Listen.UI.Network(), dev.Listen.HydraAdmin.Off(), dev.Listen.KratosAdmin.String(), dev.DataDir,
	}
	want := []any{
		36 * time.Hour, 4, 4, filepath.Join(here, "ui.sock"), "unix", true, "localhost:0",
		filepath.Join(here, "identityd-data"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("development differs (-want +got):\n%s", diff)
	}

	prod := load(t, config.Options{File: "testdata/ok/production.yaml"})
	got = []any{
		prod.Database.Dialect(), prod.Database.Migrate, prod.Listen.UI.String(), len(prod.Secrets.System),
		prod.Database.Kratos.Password.Reveal(), prod.Shutdown.Prestop, prod.Database.URL.String(),
	}
	want = []any{
		config.Cockroach, config.MigrateEmpty, ":3000", 2, leak, 5 * time.Second,
		"cockroach://identityd:***@crdb1:26257,crdb2:26257",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("production differs (-want +got):\n%s", diff)
	}
	got = []any{
		prod.Mail.SMTPURL.Reveal(), prod.Mail.SMTPURL.String(), prod.Mail.From, prod.Identity.Verification,
		prod.Registration, prod.CORSOrigins(), prod.Inbox(), prod.SendsMail(),
	}
	want = []any{
		"smtps://user:hunter2%40@mail.example.com:465", "smtps://***@mail.example.com:465", "no-reply@example.com",
		config.VerificationRequired,
		config.Registration{Mode: config.RegistrationClosed, Steps: config.RegistrationTwoSteps},
		[]string{"https://app.example.com", "https://www.example.com"},
		false, true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mail, registration and origins of production differ (-want +got):\n%s", diff)
	}
}

func TestLaterLayersWin(t *testing.T) {
	dir := write(t, map[string]string{
		"stack.yaml":  "profile: development\nlisten: {ui: ':1'}\nregion: file\nsession: {lifespan: 1h}\n",
		"listen.yaml": "ui: ':2'\nhydra_public: ':5'\n",
		"return.yaml": "- https://a.example.com\n- https://b.example.com\n",
	})
	for _, tt := range []struct {
		name string
		env  []string
		set  map[string]string
		want string
	}{
		{"the file wins over defaults", nil, nil, "localhost:1"},
		{"a section named by the environment wins over the file", []string{"IDENTITYD_LISTEN_FILE=listen.yaml"}, nil, "localhost:2"},
		{
			"a key in the environment wins over a section",
			[]string{"IDENTITYD_LISTEN_UI=:3", "IDENTITYD_LISTEN_FILE=listen.yaml"},
			nil, "localhost:3",
		},
		{"a flag wins over the environment", []string{"IDENTITYD_LISTEN_UI=:3"}, map[string]string{"listen.ui": ":4"}, "localhost:4"},
		{"an empty variable changes nothing", []string{"IDENTITYD_LISTEN_UI="}, nil, "localhost:1"},
		{"unprefixed variables change nothing", []string{"LISTEN_UI=:9", "DSN=memory", "LOG_LEVEL=trace"}, nil, "localhost:1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := load(t, config.Options{Dir: dir, Environ: tt.env, Set: tt.set})
			if got.Listen.UI.String() != tt.want || got.Region != "file" {
				t.Errorf("got listen.ui %s and region %s, want %s and file", got.Listen.UI, got.Region, tt.want)
			}
		})
	}
	t.Run("every kind of value is read from the environment", func(t *testing.T) {
		cfg := load(t, config.Options{Dir: dir, Environ: []string{
			"IDENTITYD_LISTEN_HYDRA_ADMIN=127.0.0.1:0", "IDENTITYD_LISTEN_HOST=0.0.0.0", "IDENTITYD_SESSION_LIFESPAN=2d",
			"IDENTITYD_DATABASE_WAIT_TIMEOUT=0", "IDENTITYD_DATABASE_POOL_MAX_OPEN=7", "IDENTITYD_RETURN_TO_FILE=return.yaml",
			"IDENTITYD_LOGIN_FIRST_PASSWORD_ENABLED=true", "IDENTITYD_DATA_DIR=elsewhere",
			"IDENTITYD_SECRETS_SYSTEM=q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T, t0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T",
		}})
		got := []any{
			cfg.Listen.HydraAdmin.String(), cfg.Listen.UI.String(), cfg.Session.Lifespan, cfg.Database.Pool.MaxOpen,
			cfg.ReturnTo, cfg.DataDir, len(cfg.Secrets.System), cfg.Secrets.System[1].Reveal()[:1],
		}
		want := []any{
			"127.0.0.1:0", "0.0.0.0:1", 48 * time.Hour, 7,
			[]string{"https://a.example.com", "https://b.example.com"},
			filepath.Join(dir, "elsewhere"), 2, "t",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("values differ (-want +got):\n%s", diff)
		}
	})
}

func TestMistakesOutsideTheFileNameTheirSource(t *testing.T) {
	dir := write(t, map[string]string{"list.yaml": "a: b\n", "block.yaml": "dsn: memory\n"})
	for _, tt := range []struct {
		name string
		opts config.Options
		want string
	}{
		{
			"a bad value in the environment",
			config.Options{Environ: []string{"IDENTITYD_LISTEN_UI=3000"}},
			`listen.ui: must be host:port, unix:/path or off (got "3000"); write :3000 [set by IDENTITYD_LISTEN_UI]`,
		},
		{
			"a bad flag",
			config.Options{Set: map[string]string{"listen.ui": "3000"}},
			`listen.ui: must be host:port, unix:/path or off (got "3000"); write :3000 [set by flag]`,
		},
		{
			"an unknown variable",
			config.Options{Environ: []string{"IDENTITYD_LISTEN_HYDRAADMIN=:1"}},
			`IDENTITYD_LISTEN_HYDRAADMIN: unknown variable; did you mean IDENTITYD_LISTEN_HYDRA_ADMIN?`,
		},
		{
			"a map in a variable",
			config.Options{Environ: []string{"IDENTITYD_HYDRA=a"}},
			`hydra: must be in a YAML file of its own, named by IDENTITYD_HYDRA_FILE [set by IDENTITYD_HYDRA]`,
		},
		{
			"a list file that holds a map",
			config.Options{Environ: []string{"IDENTITYD_RETURN_TO_FILE=list.yaml"}},
			`return_to: DIR/list.yaml:1: must hold a list, one - item a line`,
		},
		{
			"an owned key in a block file",
			config.Options{Environ: []string{"IDENTITYD_HYDRA_FILE=block.yaml"}},
			`hydra.dsn: is set by identityd; use database.url`,
		},
		{
			"an unknown flag path",
			config.Options{Set: map[string]string{"listen.uii": ":1"}},
			`listen.uii: cannot be set by a flag; did you mean listen.ui?`,
		},
		{
			"a file that is not there",
			config.Options{File: "absent.yaml"},
			`reading DIR/absent.yaml: no such file or directory; name the file that is meant, or write one with identityd config init`,
		},
	} {
		t.Run(tt.name+" is reported", func(t *testing.T) {
			tt.opts.Dir = dir
			got := strings.ReplaceAll(strings.Join(problems(t, tt.opts), "\n"), dir, "DIR")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVariablesOfOthersDoNoHarm(t *testing.T) {
	env := []string{
		"IDENTITYD_SERVICE_HOST=10.0.0.1", "IDENTITYD_SERVICE_PORT=3000", "IDENTITYD_SERVICE_PORT_HTTP=3000",
		"IDENTITYD_PORT=tcp://10.0.0.1:3000", "IDENTITYD_PORT_3000_TCP=tcp://10.0.0.1:3000",
		"IDENTITYD_PORT_3000_TCP_ADDR=10.0.0.1", "IDENTITYD_PORT_3000_TCP_PORT=3000", "IDENTITYD_PORT_3000_TCP_PROTO=tcp",
		"IDENTITYD_ADMIN_SERVICE_HOST=10.0.0.1", "IDENTITYD_ADMIN_SERVICE_PORT=4445", "IDENTITYD_ADMIN_PORT=tcp://10.0.0.1:4445",
		"IDENTITYD_ADMIN_PORT_4445_TCP_ADDR=10.0.0.1", "IDENTITYD_HYDRA_PUBLIC_SERVICE_PORT_HTTPS=4444",
		"IDENTITYD_TEST_CRDB_DSN=x", "IDENTITYD_CONFIG=/etc/stack.yaml", "IDENTITYD_TOKEN_FILE=token", "IDENTITYDX=1", "IDENTITYD=1", "=C:=x",
	}
	dir := t.TempDir()
	opaque := cmp.AllowUnexported(config.Address{})
	if diff := cmp.Diff(load(t, config.Options{Dir: dir}), load(t, config.Options{Dir: dir, Environ: env}), opaque); diff != "" {
		t.Errorf("the configuration changed:\n%s", diff)
	}
	if got := problems(t, config.Options{Dir: dir, Environ: []string{"IDENTITYD_LISTEN_PORT=3000"}}); len(got) != 1 {
		t.Errorf("got %q, want a misspelled key that only resembles a service link to be reported", got)
	}
}
