package doctor

import (
	"strings"
	"testing"

	"example.com/identityd/internal/installation"
)

func TestInstallation(t *testing.T) {
	same := installation.Facts{Profile: "production", Issuer: "https://id.example.com", RPID: "id.example.com"}
	for name, tt := range map[string]struct {
		change func(*installation.Facts)
		want   string
	}{
		"the same":            {func(*installation.Facts) {}, ""},
		"another issuer":      {func(f *installation.Facts) { f.Issuer = "https://old.example.com" }, "origin: this database is of an installation with the issuer https://old.example.com, and the file says https://id.example.com"},
		"another domain":      {func(f *installation.Facts) { f.RPID = "example.com" }, "with the rp_id example.com"},
		"another profile":     {func(f *installation.Facts) { f.Profile = "development" }, "profile: this database"},
		"a salt that is gone": {func(f *installation.Facts) { f.Pairwise = installation.Digest("x") }, "pairwise"},
	} {
		t.Run(name, func(t *testing.T) {
			row := installation.Row{Facts: same}
			tt.change(&row.Facts)
			got := inProduction(t, good).judgeInstallation(row, "https://id.example.com")
			switch {
			case tt.want == "" && len(got) != 0:
				t.Errorf("got %+v, want nothing", got)
			case tt.want != "" && (len(got) != 1 || got[0].Level != Fault || !strings.Contains(got[0].Text, tt.want) || !strings.Contains(got[0].Cure, "identityd origin change")):
				t.Errorf("got %+v, want %q", got, tt.want)
			}
		})
	}
	t.Run("in development addresses of one machine come and go", func(t *testing.T) {
		s := running(written(t, "profile: development\n"), "http://localhost:1234")
		row := installation.Row{Facts: installation.Facts{Profile: "development", Issuer: "http://localhost:3000", RPID: "localhost"}}
		if got := s.judgeInstallation(row, "http://localhost:1234"); len(got) != 0 {
			t.Errorf("got %+v", got)
		}
		row.Issuer = "https://id.example.com"
		if got := s.judgeInstallation(row, "http://localhost:1234"); len(got) != 1 || got[0].Level != Warning {
			t.Errorf("got %+v", got)
		}
	})
}
