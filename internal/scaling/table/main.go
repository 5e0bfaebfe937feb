// Command table prints the tables of docs/scaling.md.
package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"example.com/identityd/internal/scaling"
)

func main() {
	var f files
	flag.StringVar(&f.counts, "counts", "internal/stacktest/testdata/statements-postgres.json", "the statements of each operation")
	flag.StringVar(&f.latency, "latency", "internal/scaling/testdata/latency.json", "the matrix of latencies, the primary region first")
	flag.StringVar(&f.measured, "measured", "internal/scaling/testdata/measured.json", "CPU, bytes and rows of one run")
	flag.StringVar(&f.mix, "mix", "internal/scaling/testdata/mix.json", "what people do in a day")
	flag.StringVar(&f.schemas, "schemas", "internal/baseline/sql", "the folder of the schemas, for their foreign keys")
	document := flag.String("document", "", "put the tables into this document instead of printing them")
	flag.Parse()
	write := func() error { return f.print(os.Stdout) }
	if *document != "" {
		write = func() error { return f.rewrite(*document) }
	}
	err := write()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type files struct{ counts, latency, measured, mix, schemas string }

func (f files) print(w io.Writer) error {
	var (
		all      []scaling.Operation
		matrix   scaling.Matrix
		measured scaling.Measured
		mix      scaling.Mix
	)
	for path, into := range map[string]any{f.counts: &all, f.latency: &matrix, f.measured: &measured, f.mix: &mix} {
		if err := scaling.ReadJSON(path, into); err != nil {
			return err
		}
	}
	if err := matrix.Check(); err != nil {
		return fmt.Errorf("%s: %w", f.latency, err)
	}
	cluster := scaling.Cluster{Matrix: matrix, Parents: map[string][]string{}}
	for _, engine := range []string{"hydra", "kratos"} {
		schema, err := os.ReadFile(f.schemas + "/" + engine + ".postgres.sql")
		if err != nil {
			return fmt.Errorf("reading a schema: %w", err)
		}
		maps.Copy(cluster.Parents, scaling.Parents(string(schema)))
	}
	operations, err := operations(all)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Measured: %s.\n\n", measured.Run)
	costs(w, measured)
	fmt.Fprintf(w, "\nPeople: %s.\n\n", mix.Source)
	if err := needs(w, mix, measured); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nLatencies: %s.\n\n", matrix.Source)
	places(w, cluster, operations)
	return nil
}

// operations are what the table of regions is about.
func operations(all []scaling.Operation) ([]scaling.Operation, error) {
	var out []scaling.Operation
	for _, o := range []struct {
		name  string
		parts []string
	}{
		{"sign-in at an application, with consent", []string{
			"by a browser: from the application to the login page", "by a browser: the password, to the consent page",
			"by a browser: the consent, to the application", "code flow 4: the code for tokens",
		}},
		{"again, with a session and consent", []string{"by a browser: again, with a remembered consent", "code flow 4: the code for tokens"}},
		{"client_credentials, JWT", []string{"client_credentials, JWT"}},
		{"refresh", []string{"refresh"}},
		{"introspection", []string{"introspection of a token of a person"}},
		{"whoami", []string{"whoami"}},
		{"registration", []string{"registration: the page", "registration: the form"}},
		{"key set", []string{"JWKS"}},
	} {
		joined, err := scaling.Join(o.name, all, o.parts...)
		if err != nil {
			return nil, err
		}
		out = append(out, joined)
	}
	return out, nil
}

func costs(w io.Writer, m scaling.Measured) {
	fmt.Fprintln(w, "| Operation | CPU of identityd, ms | CPU of PostgreSQL, ms | SQL statements | Round trips | Bytes to the database | Bytes from it |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- |")
	for _, o := range m.Operations {
		fmt.Fprintf(w, "| %s | %.2f | %.2f | %.0f | %.0f | %.0f | %.0f |\n", o.Name, o.CPU, o.DBCPU, o.Statements, o.Trips, o.Up, o.Down)
	}
	fmt.Fprintln(w, "\n| Rows | Bytes of tables | Bytes of indexes | Stay |\n| --- | --- | --- | --- |")
	for _, name := range slices.Sorted(maps.Keys(m.Rows)) {
		r := m.Rows[name]
		stay := "as long as the account"
		if r.Life > 0 {
			stay = fmt.Sprintf("%g days", r.Life)
		}
		fmt.Fprintf(w, "| %s | %.0f | %.0f | %s |\n", name, r.Heap, r.Indexes, stay)
	}
}

func needs(w io.Writer, mix scaling.Mix, m scaling.Measured) error {
	fmt.Fprintln(w, "| People | Operations/s at the peak | SQL statements/s | Cores of identityd | Cores of PostgreSQL | MB/s to and from it | Tables and indexes |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- |")
	for _, n := range []float64{1e5, 1e7, 1e9} {
		need, err := mix.Need(n, m)
		if err != nil {
			return err
		}
		size, unit := need.GB, "GB"
		if size >= 1000 {
			size, unit = size/1000, "TB"
		}
		fmt.Fprintf(w, "| %.0e | %.3g | %.3g | %.2g | %.2g | %.2g | %.3g %s |\n", n, need.PerSecond, need.Statements, need.Cores, need.DBCores, need.MBps, size, unit)
	}
	return nil
}

func places(w io.Writer, k scaling.Cluster, operations []scaling.Operation) {
	home := k.Matrix.Regions[0]
	for _, from := range k.Matrix.Regions {
		choices := choices(home, from)
		fmt.Fprintf(w, "From %s, milliseconds at p50 / p99 (round trips to other regions):\n\n| Operation | Requests, statements, writes |", from)
		for _, c := range choices {
			fmt.Fprintf(w, " %s |", c.Name)
		}
		fmt.Fprint(w, "\n| --- | --- |")
		for range choices {
			fmt.Fprint(w, " --- |")
		}
		fmt.Fprintln(w)
		for _, o := range operations {
			all, writes := o.Totals()
			fmt.Fprintf(w, "| %s | %d, %d, %d |", o.Name, o.Requests, all, writes)
			for _, c := range choices {
				cost := k.Cost(c, o)
				fmt.Fprintf(w, " %.0f / %.0f (%d) |", cost.P50, cost.P99, cost.Far)
			}
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w)
	}
}

func choices(home, from string) []scaling.Choice {
	return []scaling.Choice{
		{Name: "`survive: zone`", From: from, Primary: home, Survive: "zone"},
		{Name: "`survive: region`", From: from, Primary: home, Survive: "region"},
		{Name: "`rows: local`, `survive: region`, all found here", From: from, Primary: home, Survive: "region", Local: true},
		{Name: "the same, each read asks everywhere", From: from, Primary: home, Survive: "region", Local: true, Searched: true},
	}
}
