package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
)

func TestBanner(t *testing.T) {
	public := stack.URLs{UI: "http://localhost:3000", Hydra: "http://localhost:4444", Kratos: "http://localhost:4433"}
	all := public
	all.HydraAdmin, all.KratosAdmin, all.Ops = "http://127.0.0.1:4445", "http://127.0.0.1:4434", "http://127.0.0.1:4437"
	const publicLines = `  open          http://localhost:3000            sign up, sign in
  issuer        http://localhost:4444            OAuth2 and OpenID Connect
  kratos        http://localhost:4433            self-service API
`
	const inbox = "  inbox         http://localhost:3000/account/inbox mail is caught here, not sent\n"
	for _, tt := range []struct {
		name, database string
		urls           stack.URLs
		newData        bool
		want           string
	}{
		{
			"a first start shows every address and where the data is", "sqlite:///data", all, true,
			publicLines + `  hydra admin   http://127.0.0.1:4445            this machine only
  kratos admin  http://127.0.0.1:4434            this machine only
  ops           http://127.0.0.1:4437            /health/ready /metrics /version
  data          /data                            made just now; delete it to start over
  inbox         http://localhost:3000/account/inbox mail is caught here, not sent
  try           identityd demo --issuer http://localhost:4444 an application, in another terminal
`,
		},
		{
			"a later start does not call the data new, and leaves out what is off", "sqlite:///data", public, false,
			publicLines + "  data          /data                            \n" + inbox,
		},
		{
			"a database elsewhere is not shown", "postgres://identityd:hunter2@db.example.com/", public, true,
			publicLines + inbox,
		},
		{
			"under one origin all three are one address", "sqlite://:memory:",
			stack.URLs{UI: "http://localhost:3000", Hydra: "http://localhost:3000", Kratos: "http://localhost:3000", HydraAdmin: "http://127.0.0.1:4445"},
			false,
			`  open          http://localhost:3000            sign up, sign in
  issuer        http://localhost:3000            OAuth2 and OpenID Connect
  kratos        http://localhost:3000            self-service API
  hydra admin   http://127.0.0.1:4445            this machine only
` + inbox + "  try           identityd demo                   an application, in another terminal\n",
		},
		{"a database in memory has no folder", "sqlite://:memory:", public, true, publicLines + inbox},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := config.Config{DataDir: "/data", Profile: config.Development}
			cfg.Database.URL = config.NewDSN(tt.database)
			var got strings.Builder
			banner(&got, cfg, tt.urls, tt.newData)
			want := "\nidentityd dev is ready (development profile)\n\n" + tt.want + "\nCtrl-C stops it.\n\n"
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Errorf("banner (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTryDemo(t *testing.T) {
	elsewhere := stack.URLs{Hydra: "http://localhost:4544", HydraAdmin: "http://127.0.0.1:4545"}
	const want = "identityd demo --issuer http://localhost:4544 --hydra-admin http://127.0.0.1:4545"
	if got := tryDemo(elsewhere); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
