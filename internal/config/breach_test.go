package config

import (
	"strings"
	"testing"
)

func TestBreachCheck(t *testing.T) {
	postgres := map[string]string{"database.url": "postgres://u@db/?sslmode=verify-full"}
	sqlite := map[string]string{}
	cases := map[string]struct {
		base    map[string]string
		profile Profile
		set     string
		want    BreachCheck
		refused bool
	}{
		"production asks":                     {postgres, Production, "", BreachOnline, false},
		"development does not":                {postgres, Development, "", BreachOffline, false},
		"production on SQLite does not":       {sqlite, Production, "", BreachOffline, false},
		"development may":                     {postgres, Development, "online", BreachOnline, false},
		"production may leave it to the list": {postgres, Production, "offline", BreachOffline, false},
		"production may leave it":             {postgres, Production, "off", BreachOff, false},
		"production on SQLite may":            {sqlite, Production, "online", BreachOnline, false},
		"what was true is online":             {postgres, Development, "true", BreachOnline, false},
		"what was false is off":               {postgres, Production, "false", BreachOff, false},
		"other words are refused":             {postgres, Production, "maybe", "", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			set := map[string]string{"profile": string(c.profile)}
			for k, v := range c.base {
				set[k] = v
			}
			if c.set != "" {
				set[breachCheck] = c.set
			}
			if c.profile == Production {
				for k, v := range map[string]string{
					"urls.ui": "https://ui.example.com", "urls.hydra": "https://hydra.example.com",
					"urls.kratos": "https://kratos.example.com", "identity.verification": "optional",
					"secrets.system": "0123456789abcdefghijklmnopqrstuv", "secrets.cookie": "1123456789abcdefghijklmnopqrstuv",
					"secrets.cipher": "2123456789abcdefghijklmnopqrstuv",
				} {
					set[k] = v
				}
			}
			cfg, err := Load(Options{Dir: t.TempDir(), Set: set})
			if got := err != nil && strings.Contains(err.Error(), breachCheck); got != c.refused {
				t.Fatalf("got %v, want refused %v", err, c.refused)
			}
			if err == nil && cfg.Login.First.Password.BreachCheck != c.want {
				t.Errorf("got %v, want %v", cfg.Login.First.Password.BreachCheck, c.want)
			}
			if err != nil && !c.refused {
				t.Errorf("got %v", err)
			}
		})
	}
}
