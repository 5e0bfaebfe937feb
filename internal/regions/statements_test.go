package regions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
)

// TestMain lets PostgreSQL answer the statements of CockroachDB from tables and a function of the test, so
// that what reads rows, meets errors and loses connections does so with a real server. That CockroachDB
// understands the statements is for the suite that runs on one.
func TestMain(m *testing.M) {
	if err := sqlseam.RegisterWith(asTables); err != nil {
		panic(err)
	}
	os.Exit(pgtest.Main(m))
}

var (
	showPattern  = regexp.MustCompile(`\[SHOW (REGIONS FROM CLUSTER|REGIONS FROM DATABASE|SURVIVAL GOAL FROM DATABASE|TABLES FROM|JOBS)(?: "[^"]*")?\]`)
	showRelation = map[string]string{
		"REGIONS FROM CLUSTER": "crdb_cluster", "REGIONS FROM DATABASE": "crdb_regions",
		"SURVIVAL GOAL FROM DATABASE": "crdb_survival", "TABLES FROM": "crdb_tables", "JOBS": "crdb_jobs",
	}
)

func asTables(query string) string {
	if strings.HasPrefix(query, "ALTER ") {
		return "SELECT crdb_alter($crdb$" + query + "$crdb$)"
	}
	return showPattern.ReplaceAllStringFunc(query, func(s string) string {
		return showRelation[showPattern.FindStringSubmatch(s)[1]]
	})
}

const crdbSchema = `
CREATE TABLE crdb_cluster (region text, zones text[]);
INSERT INTO crdb_cluster VALUES ('us-east-1', '{a,b}'), ('eu-west-1', '{a}'), ('ap-south-1', '{}');
CREATE TABLE crdb_regions (region text, "primary" boolean);
CREATE TABLE crdb_survival (survival_goal text);
INSERT INTO crdb_survival VALUES (NULL);
CREATE TABLE crdb_tables (schema_name text, table_name text, type text, locality text, estimated_row_count bigint);
CREATE TABLE crdb_jobs (job_id bigint, job_type text, status text, description text, fraction_completed double precision);
CREATE TABLE crdb_mood (state text, slow double precision);
INSERT INTO crdb_mood VALUES (NULL, 0);
CREATE FUNCTION crdb_alter(q text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE last text := btrim(split_part(q, ' ', array_length(string_to_array(q, ' '), 1)), '"');
DECLARE mood crdb_mood;
BEGIN
	SELECT * INTO mood FROM crdb_mood;
	IF mood.state IS NOT NULL THEN RAISE EXCEPTION 'refused: %', q USING ERRCODE = mood.state; END IF;
	PERFORM pg_sleep(mood.slow);
	IF q LIKE '% PRIMARY REGION %' AND q LIKE 'ALTER DATABASE%' THEN
		UPDATE crdb_regions SET "primary" = false;
		DELETE FROM crdb_regions WHERE region = last;
		INSERT INTO crdb_regions VALUES (last, true);
		UPDATE crdb_survival SET survival_goal = COALESCE(survival_goal, 'zone');
		UPDATE crdb_tables SET locality = COALESCE(locality, 'REGIONAL BY TABLE IN PRIMARY REGION');
	ELSIF q LIKE '% ADD REGION %' THEN INSERT INTO crdb_regions VALUES (last, false);
	ELSIF q LIKE '% SURVIVE %' THEN UPDATE crdb_survival SET survival_goal = lower(split_part(split_part(q, ' SURVIVE ', 2), ' ', 1));
	ELSIF q LIKE '% SET LOCALITY %' THEN
		UPDATE crdb_tables SET locality = split_part(q, ' SET LOCALITY ', 2) WHERE q LIKE '%."' || table_name || '" %';
	END IF;
END $$`

func pool(t *testing.T, server *pgtest.Server, engine, name string) *sql.DB {
	t.Helper()
	db, err := sql.Open(sqlseam.PostgresDriver, server.DatabaseURL(name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, s := range append([]string{crdbSchema}, inserts(engine)...) {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func inserts(engine string) []string {
	out := []string{"INSERT INTO crdb_tables VALUES ('public', 'a_view', 'view', NULL, NULL), ('other', 'networks', 'table', NULL, 0)"}
	for i, name := range tableNames(engine) {
		out = append(out, fmt.Sprintf("INSERT INTO crdb_tables VALUES ('public', '%s', 'table', NULL, nullif(%d, 0))", name, i))
	}
	return out
}

type pools struct {
	server        *pgtest.Server
	hydra, kratos *sql.DB
	names         [2]string
}

func (p pools) cluster() Cluster {
	return Open(Member{Engine: "hydra", DB: p.hydra}, Member{Engine: "kratos", DB: p.kratos})
}

func (p pools) exec(t *testing.T, statement string) {
	t.Helper()
	for _, db := range []*sql.DB{p.hydra, p.kratos} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func databases(t *testing.T) pools {
	t.Helper()
	server := pgtest.Shared(t)
	hydra, kratos := server.Databases(t)
	server.Admin(t, "CREATE DATABASE "+hydra+" OWNER identityd", "CREATE DATABASE "+kratos+" OWNER identityd")
	return pools{server, pool(t, server, "hydra", hydra), pool(t, server, "kratos", kratos), [2]string{hydra, kratos}}
}

func TestReadingAndApplyingByStatements(t *testing.T) {
	p := databases(t)
	goal := three()
	goal.Survive = "region"
	state, err := p.cluster().Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := fresh("ap-south-1", "eu-west-1", "us-east-1")
	for i := range want.Databases {
		want.Databases[i].Name = p.names[i]
		for j := range want.Databases[i].Tables {
			want.Databases[i].Tables[j].Rows = int64(j)
		}
	}
	if diff := cmp.Diff(want, state); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	n, err := Apply(t.Context(), p.cluster(), goal, Options{}, time.Second, func(Progress) {})
	if err != nil || n != 16 {
		t.Fatalf("got %d steps, %v, want 16", n, err)
	}
	if state, err = p.cluster().Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	wanted := after(want, goal, -1)
	for i := range wanted.Databases {
		slices.Sort(wanted.Databases[i].Regions)
	}
	if diff := cmp.Diff(wanted, state); diff != "" {
		t.Errorf("after (-want +got)\n%s", diff)
	}
	// Where the cluster counts no rows, the column is not there.
	p.exec(t, "DROP TABLE crdb_survival; CREATE TABLE crdb_survival (survival_goal text)")
	p.exec(t, "CREATE TABLE t2 AS SELECT schema_name, table_name, type, locality FROM crdb_tables; DROP TABLE crdb_tables; CREATE VIEW crdb_tables AS SELECT * FROM t2")
	if state, err = p.cluster().Read(t.Context()); err != nil || state.Databases[0].Tables[3].Rows != 0 || state.Databases[0].Survive != "" {
		t.Errorf("without counts and goal: got %v, %v", state, err)
	}
}

func TestJobsAreRead(t *testing.T) {
	p := databases(t)
	p.exec(t, `INSERT INTO crdb_jobs VALUES
		(1, 'SCHEMA CHANGE GC', 'running', 'GC for ALTER TABLE `+p.names[0]+`.public.x', 0),
		(2, 'NEW SCHEMA CHANGE', 'running', 'ALTER TABLE `+p.names[0]+`.public.networks SET LOCALITY GLOBAL', 0.25),
		(3, 'TYPEDESC SCHEMA CHANGE', 'pending', 'ALTER DATABASE `+p.names[1]+` ADD REGION "us-east-1"', NULL),
		(4, 'SCHEMA CHANGE', 'succeeded', 'ALTER DATABASE `+p.names[1]+`', 1),
		(5, 'SCHEMA CHANGE', 'running', 'CREATE INDEX ON shop.public.orders (id)', 0.5),
		(6, 'BACKUP', 'running', 'BACKUP DATABASE `+p.names[0]+`', 0.5),
		(7, 'SCHEMA CHANGE', 'paused', NULL, NULL)`)
	got, err := p.cluster().Running(t.Context())
	want := []Job{
		{2, "running", "ALTER TABLE " + p.names[0] + ".public.networks SET LOCALITY GLOBAL", 0.25},
		{3, "pending", "ALTER DATABASE " + p.names[1] + ` ADD REGION "us-east-1"`, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("got %v (-want +got)\n%s", err, diff)
	}
}

func TestErrorsOfTheServerAreToldApart(t *testing.T) {
	for code, want := range map[string]string{
		stateLicense: "license does not allow regions", stateCCLRequired: "license does not allow regions",
		stateNoPrivilege: "may not read or change regions", "42P17": "running ALTER DATABASE",
	} {
		p := databases(t)
		p.exec(t, "UPDATE crdb_mood SET state = '"+code+"'")
		n, err := Apply(t.Context(), p.cluster(), three(), Options{}, time.Millisecond, func(Progress) {})
		if n != 0 || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %d steps, %v, want %q", code, n, err, want)
		}
	}
}

// TestAKilledConnection: the statement goes on at the cluster, which here is the test; a look at the
// cluster tells, and it is not run again.
func TestAKilledConnection(t *testing.T) {
	p := databases(t)
	p.exec(t, "UPDATE crdb_mood SET slow = 60")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	lost := 0
	n, err := Apply(ctx, p.cluster(), Goal{Primary: "eu-west-1", Survive: "zone", Rows: "primary"}, Options{}, 20*time.Millisecond, func(now Progress) {
		switch now.State {
		case Begun:
			if lost > 0 {
				return
			}
			go func() {
				for killed := false; !killed && ctx.Err() == nil; {
					row := p.kratos.QueryRowContext(ctx, `SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity
						WHERE datname = $1 AND state = 'active' AND query LIKE 'SELECT crdb_alter%'`, p.names[0])
					if err := row.Scan(&killed); err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
						return
					}
				}
			}()
		case Lost:
			lost++
			p.exec(t, "UPDATE crdb_mood SET slow = 0")
			if _, err := p.hydra.ExecContext(ctx, now.Step.SQL); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil || lost != 1 || n != 9 {
		t.Errorf("got %d steps of its own, %d cut connections, %v, want 9 and 1", n, lost, err)
	}
}
