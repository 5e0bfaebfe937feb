package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/store"
)

// The answers to SELECT version() as servers gave them, from their documentation, issues and images.
func TestParseServer(t *testing.T) {
	pg := func(major, minor int, pre string) store.Server {
		return store.Server{
			Dialect: store.Postgres, Product: "PostgreSQL", Version: store.Version{Major: major, Minor: minor, Patch: -1, Pre: pre},
		}
	}
	crdb := func(major, minor, patch int, pre string) store.Server {
		return store.Server{
			Dialect: store.Cockroach, Product: "CockroachDB",
			Version: store.Version{Major: major, Minor: minor, Patch: patch, Pre: pre},
		}
	}
	fork := func(s store.Server, product string) store.Server {
		s.Dialect, s.Product = "", product
		return s
	}
	tests := []struct {
		answer string
		want   store.Server
		text   string
	}{
		{"PostgreSQL 15.14 (Debian 15.14-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit", pg(15, 14, ""), "PostgreSQL 15.14"},
		{"PostgreSQL 14.10 (Homebrew) on aarch64-apple-darwin23.0.0, compiled by Apple clang version 15.0.0", pg(14, 10, ""), "PostgreSQL 14.10"},
		{"PostgreSQL 17.2 on x86_64-pc-linux-musl, compiled by gcc (Alpine 14.2.0) 14.2.0, 64-bit", pg(17, 2, ""), "PostgreSQL 17.2"},
		{"PostgreSQL 18.0 on x86_64-windows, compiled by msvc-19.44.35217, 64-bit", pg(18, 0, ""), "PostgreSQL 18.0"},
		{"PostgreSQL 16.4 on aarch64-unknown-linux-gnu, compiled by gcc (GCC) 7.3.1 20180712 (Red Hat 7.3.1-12), 64-bit", pg(16, 4, ""), "PostgreSQL 16.4"},
		{"PostgreSQL 9.6.24 on x86_64-pc-linux-gnu (Debian 9.6.24-1.pgdg90+1)", pg(9, 6, ""), "PostgreSQL 9.6"},
		{"PostgreSQL 17beta1 on x86_64-pc-linux-gnu, compiled by gcc", pg(17, -1, "beta1"), "PostgreSQL 17beta1"},
		{"PostgreSQL 16rc1 (Ubuntu 16~rc1-1.pgdg22.04+1) on x86_64-pc-linux-gnu", pg(16, -1, "rc1"), "PostgreSQL 16rc1"},
		{"PostgreSQL 19devel on x86_64-pc-linux-gnu, compiled by gcc", pg(19, -1, "devel"), "PostgreSQL 19devel"},
		{
			"EnterpriseDB 15.3 on x86_64-pc-linux-gnu",
			store.Server{Dialect: store.Postgres, Product: "EnterpriseDB", Version: store.Version{Major: 15, Minor: 3, Patch: -1}},
			"EnterpriseDB 15.3",
		},
		{"PostgreSQL 11.2-YB-2.20.1.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 16.0.6, 64-bit", fork(pg(11, 2, ""), "YugabyteDB"), "YugabyteDB 11.2"},
		{"PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2, Redshift 1.0.12103", fork(pg(8, 0, ""), "Amazon Redshift"), "Amazon Redshift 8.0"},
		{"CockroachDB CCL v24.3.0 (x86_64-pc-linux-gnu, built 2024/11/18 15:06:19, go1.22.8 X:nocoverageredesign)", crdb(24, 3, 0, ""), "CockroachDB v24.3.0"},
		{"CockroachDB CCL v22.2.6 (x86_64-pc-linux-gnu, built 2023/03/03 19:16:25, go1.19.4)", crdb(22, 2, 6, ""), "CockroachDB v22.2.6"},
		{"CockroachDB CCL v25.2.10 (aarch64-unknown-linux-gnu, built 2025/12/17 15:06:19, go1.23.12)", crdb(25, 2, 10, ""), "CockroachDB v25.2.10"},
		{"CockroachDB OSS v19.1.0 (x86_64-apple-darwin14, built 2019/04/29 18:36:40, go1.11.6)", crdb(19, 1, 0, ""), "CockroachDB v19.1.0"},
		{"CockroachDB CCL v25.1.0-alpha.1 (x86_64-pc-linux-gnu, built 2024/12/09 00:00:00, go1.22.8)", crdb(25, 1, 0, "-alpha.1"), "CockroachDB v25.1.0-alpha.1"},
		{"CockroachDB CCL v23.2.0-rc.1 (x86_64-pc-linux-gnu, built 2023/12/01)", crdb(23, 2, 0, "-rc.1"), "CockroachDB v23.2.0-rc.1"},
		{"CockroachDB v26.1.3 (x86_64-pc-linux-gnu, built 2026/03/01)", crdb(26, 1, 3, ""), "CockroachDB v26.1.3"},
		{"CockroachDB CCL v24.3.0 (stand-in: PostgreSQL 15.14 on x86_64-pc-linux-gnu)", crdb(24, 3, 0, ""), "CockroachDB v24.3.0"},
		{"8.0.35", store.Server{Product: "8.0.35"}, "8.0.35"},
		{"", store.Server{}, ""},
		{"Some\x1b[31mthing else", store.Server{Product: "Some[31mthing"}, "Some[31mthing"},
	}
	for _, tt := range tests {
		t.Run("from "+tt.answer, func(t *testing.T) {
			got := store.ParseServer(tt.answer)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if got.String() != tt.text {
				t.Errorf("got %q, want %q", got, tt.text)
			}
		})
	}
}

func FuzzParseServer(f *testing.F) {
	f.Add("PostgreSQL 15.14 (Debian) on x86_64")
	f.Add("CockroachDB CCL v24.3.0-rc.1+x (built)")
	f.Add("PostgreSQL 99999999999999999999.1")
	f.Fuzz(func(t *testing.T, answer string) {
		s := store.ParseServer(answer)
		for _, r := range s.String() {
			if r < ' ' || r > '~' {
				t.Fatalf("%q: the name %q holds %q", answer, s, r)
			}
		}
		store.Faults(s, time.Now())
	})
}

func TestFaults(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	const (
		upgrade = "upgrade to a release that is maintained"
		release = "upgrade the server, best to a release that is maintained"
	)
	tests := []struct {
		name, answer, day string
		want              []store.Finding
	}{
		{"a maintained PostgreSQL", "PostgreSQL 15.14 on x", "2027-11-11", nil},
		{
			"the day after its last", "PostgreSQL 15.14 on x", "2027-11-13",
			[]store.Finding{{Reason: "its maker stopped maintaining it on 2027-11-12", Cure: upgrade}},
		},
		{"one that nobody knows yet", "PostgreSQL 29.1 on x", "2026-11-26", nil},
		{
			"one that is too old says nothing else", "PostgreSQL 11.22 on x", "2026-11-26",
			[]store.Finding{{Refused: true, Reason: "the migrations of Hydra and Kratos need PostgreSQL 12 or newer", Cure: release}},
		},
		{
			"one that needs help with extensions", "PostgreSQL 12.1 on x", "2024-01-01",
			[]store.Finding{{
				Reason: "Kratos' migrations create extensions, which needs a superuser before PostgreSQL 13",
				Cure:   "as a superuser, in the database of Kratos: CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin",
			}},
		},
		{"a prerelease", "PostgreSQL 18beta1 on x", "2026-01-01", []store.Finding{{Reason: "it is not a release", Cure: "run a release where data matters"}}},
		{"a maintained CockroachDB", "CockroachDB CCL v25.2.10 (x)", "2026-11-26", nil},
		{
			"an innovation release past its six months", "CockroachDB CCL v25.3.1 (x)", "2026-11-26",
			[]store.Finding{{Reason: "its maker stopped maintaining it on 2026-02-05", Cure: upgrade}},
		},
		{
			"a CockroachDB that is too old", "CockroachDB CCL v22.1.22 (x)", "2026-11-26",
			[]store.Finding{{
				Refused: true, Reason: "the engines were written for CockroachDB v22.2 and newer",
				Cure: "upgrade the cluster, best to a release that is maintained",
			}},
		},
		{
			"the oldest one that is taken", "CockroachDB CCL v22.2.6 (x)", "2023-01-01",
			[]store.Finding{{
				Reason: "row-level TTL is refused for tables that others reference",
				Cure:   "leave the expiry of rows to identityd's janitor, or upgrade",
			}},
		},
		{
			"a fork", "PostgreSQL 15.2-YB-2025.1.0.0-b0 on x", "2026-11-26",
			[]store.Finding{{
				Reason: "YugabyteDB 15.2 is neither PostgreSQL nor CockroachDB, and nobody has tried it with identityd",
				Cure:   "use PostgreSQL or CockroachDB",
			}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, store.Faults(store.ParseServer(tt.answer), day(tt.day))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestNotes(t *testing.T) {
	for answer, want := range map[string]int{
		"CockroachDB CCL v24.3.5 (x)": 0, "CockroachDB CCL v25.1.0 (x)": 1, "CockroachDB CCL v26.2.0 (x)": 2, "PostgreSQL 17.2 on x": 0,
	} {
		if got := store.Notes(store.ParseServer(answer)); len(got) != want {
			t.Errorf("%s: got %v, want %d", answer, got, want)
		}
	}
}
