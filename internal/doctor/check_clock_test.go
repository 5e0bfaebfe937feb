package doctor_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/store"
)

// off is the machine with its clock off.
func off(by time.Duration) func(*doctor.Subject) {
	return func(s *doctor.Subject) { s.Host.Now = func() time.Time { return time.Now().Add(by) } }
}

func clockChecks(t *testing.T, s *doctor.Subject, db databases) {
	if db.dialect != store.SQLite {
		t.Run("an hour behind the database is a fault", func(t *testing.T) {
			want(t, examine(t, again(s, off(-time.Hour)), "clock/database", doctor.Options{}), doctor.Fault, "1h0m0s ahead of this machine's", "NTP")
		})
		t.Run("some seconds are a warning", func(t *testing.T) {
			want(t, examine(t, again(s, off(10*time.Second)), "clock/database", doctor.Options{}), doctor.Warning, "behind this machine's", "NTP")
		})
	}
	t.Run("a process that was here in the future is a fault", func(t *testing.T) {
		must(t, db.kratos, "INSERT INTO identityd_secret_reader (holder, knows, seen_ms) VALUES ('fast/1/eu', '', $1)", time.Now().Add(time.Hour).UnixMilli())
		want(t, examine(t, again(s, nil), "clock/replicas", doctor.Options{}), doctor.Fault, "the process fast/1/eu is", "NTP")
		must(t, db.kratos, "DELETE FROM identityd_secret_reader")
	})
}

func TestIssuerClock(t *testing.T) {
	ahead := time.Duration(0)
	issuer := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
	}))
	t.Cleanup(issuer.Close)
	s := subject(t, func(c *config.Config) { c.Origin = issuer.URL })
	const check = "clock/issuer"
	fine(t, examine(t, s, check, doctor.Options{}))
	ahead = time.Hour
	want(t, examine(t, again(s, nil), check, doctor.Options{}), doctor.Fault, "ahead of this machine's", "NTP")
	ahead = -10 * time.Second
	want(t, examine(t, again(s, nil), check, doctor.Options{}), doctor.Warning, "behind this machine's", "NTP")
	want(t, examine(t, again(s, nil), check, doctor.Options{Offline: true}), doctor.Skipped, "--offline", "")
}
