package stack

import (
	"testing"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/ory"
)

func TestWhoMayMigrate(t *testing.T) {
	lacking := map[string]ory.SchemaState{kratosName: {Pending: []ory.Step{{Version: "1"}}}}
	for name, tt := range map[string]struct {
		migrate config.Migrate
		l       look
		want    bool
	}{
		"nothing is missing": {config.MigrateOff, look{}, true},
		"auto":               {config.MigrateAuto, look{engines: lacking, used: true}, true},
		"an empty database":  {config.MigrateEmpty, look{engines: lacking}, true},
		"a used one":         {config.MigrateEmpty, look{engines: lacking, used: true}, false},
		"off":                {config.MigrateOff, look{engines: lacking}, false},
		"in memory nobody else could, even by off": {config.MigrateOff, look{engines: lacking, private: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Stack{}
			s.cfg.Database.Migrate = tt.migrate
			if got := s.mayGoOn(tt.l); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
