package store

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
	"time"
)

// license builds a key as CockroachDB does: cluster ids, end, kind, organization.
func license(until time.Time, kind uint64, organization string) string {
	var b []byte
	text := func(field uint64, s string) {
		b = binary.AppendUvarint(b, field<<3|2)
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	number := func(field, n uint64) {
		b = binary.AppendUvarint(b, field<<3)
		b = binary.AppendUvarint(b, n)
	}
	text(1, "0123456789abcdef")
	if !until.IsZero() {
		number(2, uint64(until.Unix()))
	}
	number(3, kind)
	text(4, organization)
	return "crl-0-" + base64.RawStdEncoding.EncodeToString(b)
}

func TestParseLicense(t *testing.T) {
	end := time.Date(2027, 3, 4, 5, 6, 7, 0, time.UTC)
	for name, tt := range map[string]struct{ key, want string }{
		"none is set":               {"", "none"},
		"enterprise":                {license(end, 1, "Example"), "enterprise until 2027-03-04"},
		"the free kind":             {license(end, 3, "Example"), "free until 2027-03-04"},
		"trial":                     {license(end, 4, ""), "trial until 2027-03-04"},
		"evaluation":                {license(end, 2, ""), "evaluation until 2027-03-04"},
		"without an end":            {license(time.Time{}, 1, ""), "enterprise"},
		"of a kind to come":         {license(end, 9, ""), "unknown until 2027-03-04"},
		"with padding":              {license(end, 1, "Ex") + "==", "enterprise until 2027-03-04"},
		"hidden":                    {"<redacted>", "unknown"},
		"no base64":                 {"crl-0-&&&&", "unknown"},
		"cut off":                   {license(end, 1, "Example")[:20], "unknown"},
		"not ours":                  {strings.TrimPrefix(license(end, 1, ""), "crl-0-"), "unknown"},
		"a length beyond the end":   {"crl-0-" + base64.RawStdEncoding.EncodeToString([]byte{0x0a, 0xff, 0x01}), "unknown"},
		"a number that never ends":  {"crl-0-" + base64.RawStdEncoding.EncodeToString([]byte{0x10, 0xff, 0xff}), "unknown"},
		"a wire type of other uses": {"crl-0-" + base64.RawStdEncoding.EncodeToString([]byte{0x11, 1, 2, 3, 4, 5, 6, 7, 8}), "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseLicense(tt.key).String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestALicenseThatEndsIsToldOf(t *testing.T) {
	now := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	server := ParseServer("CockroachDB CCL v24.3.5 (x)")
	for name, tt := range map[string]struct {
		license License
		server  Server
		want    string
	}{
		"one that stands":          {License{"enterprise", now.AddDate(1, 0, 0)}, server, ""},
		"one without an end":       {License{"enterprise", time.Time{}}, server, ""},
		"one that nobody tells of": {License{unknownLicense, time.Time{}}, server, ""},
		"one that ends soon":       {License{"trial", now.AddDate(0, 0, 29)}, server, "the license of the cluster ends on 2026-12-25"},
		"one that has ended":       {License{"trial", now.AddDate(0, 0, -1)}, server, "the license of the cluster has expired"},
		"none": {
			License{"none", time.Time{}}, server, "the cluster has no license, and one of several nodes is throttled without after 7 days",
		},
		"none where none is needed": {License{"none", time.Time{}}, ParseServer("CockroachDB CCL v22.2.1 (x)"), ""},
		"PostgreSQL":                {License{}, ParseServer("PostgreSQL 15.1 on x"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, f := range tt.license.check(tt.server, now) {
				got += f.Reason
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzParseLicense(f *testing.F) {
	f.Add("crl-0-EJPvvcEGGAIiCFdvcmtzaG9w")
	f.Add("crl-0-")
	f.Fuzz(func(t *testing.T, key string) {
		if got := parseLicense(key); got.Kind == "" {
			t.Errorf("%q: no kind", key)
		}
	})
}
