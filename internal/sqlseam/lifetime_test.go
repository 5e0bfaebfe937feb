package sqlseam

import (
	"strings"
	"testing"
	"time"
)

func TestSettleDSN(t *testing.T) {
	for name, tt := range map[string]struct {
		dsn, want string
		lifetime  time.Duration
	}{
		"a DSN of another form is left as it is": {"host=db password='a b'", "host=db password='a b'", 0},
		"it is taken out": {
			"postgres://u:p%3F@db/x?a=b&identityd_lifetime=5m0s", "postgres://u:p%3F@db/x?a=b", 5 * time.Minute,
		},
		"a space is a space, and a plus a plus": {
			"postgres://u@db/x?options=-c+a%3Db&b=c%2Bd", "postgres://u@db/x?b=c%2Bd&options=-c%20a%3Db", 0,
		},
		"a path of SQLite stays": {"/tmp/a+b?_fk=true", "/tmp/a+b?_fk=true", 0},
		"several hosts stay":     {"postgres://u@a:1,b:2/x?identityd_lifetime=1s", "postgres://u@a:1,b:2/x", time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			got, lifetime, err := settleDSN(tt.dsn)
			if err != nil || got != tt.want || lifetime != tt.lifetime {
				t.Errorf("got %q, %s, %v; want %q, %s", got, lifetime, err, tt.want, tt.lifetime)
			}
		})
	}
	for _, dsn := range []string{
		"postgres://u:sesame@db/?identityd_lifetime=", "postgres://u:sesame@db/?identityd_lifetime=-1s", "postgres://u:sesame@db/?a=%zz",
	} {
		if _, _, err := settleDSN(dsn); err == nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("got %v, want an error without the password", err)
		}
	}
}

func TestConnectionsMadeAtOnceEndApart(t *testing.T) {
	now := time.Now()
	const lifetime = 4 * time.Minute
	var first, last time.Duration = lifetime, 0
	for range 1000 {
		age := expiry(lifetime, now).Sub(now)
		first, last = min(first, age), max(last, age)
	}
	if first < 3*time.Minute || last > lifetime || last-first < 45*time.Second {
		t.Errorf("got ages from %s to %s, want them spread from 3m to 4m", first, last)
	}
	if !expiry(0, now).IsZero() {
		t.Error("a connection without a lifetime expires")
	}
}
