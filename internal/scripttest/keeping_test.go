//go:build unix

package scripttest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/doctest"
	"example.com/identityd/internal/pgtest"
)

// atOnce begins a file whose process ends at once: nobody waits for a balancer to notice.
const atOnce = "profile: development\nshutdown: { prestop: 0s }\n"

// TestTheGuidesOfOneInstallation follows docs/guides/social-sign-in.md, rotate.md, backup.md and upgrade.md on one installation, which
// serves until the backup takes its place.
func TestTheGuidesOfOneInstallation(t *testing.T) {
	social, rotate := doctest.Of(t, "docs/guides/social-sign-in.md"), doctest.Of(t, "docs/guides/rotate.md")
	backup, upgrade := doctest.Of(t, "docs/guides/backup.md"), doctest.Of(t, "docs/guides/upgrade.md")
	if len(social) != 2 || len(rotate) != 6 || len(backup) != 3 || len(upgrade) != 2 {
		t.Fatalf("got %d, %d, %d and %d steps, and this test knows 2, 6, 3 and 2", len(social), len(rotate), len(backup), len(upgrade))
	}
	if !doctest.Alone(t) {
		return
	}
	g := &guide{reader: &doctest.Reader{
		Dir: t.TempDir(), Bound: StartBound, Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()},
	}}
	g.file(t, atOnce)
	t.Run("while it serves", func(t *testing.T) {
		g.serves(t)
		g.social(t, social)
		g.rotates(t, rotate)
		g.shows(t, backup[0], "backed up to backups/monday.tar.gz", "backups/monday.tar.gz is whole")
		g.shows(t, backup[1], "restored backups/monday.tar.gz", "anna@example.com", "hydra.openid.id-token")
		g.shows(t, backup[2], "are in use by process")
		// The new program is where the page has it.
		program, err := exec.LookPath("identityd")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(g.reader.Dir, "new"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(program, filepath.Join(g.reader.Dir, "new", "identityd")); err != nil {
			t.Fatal(err)
		}
		g.shows(t, upgrade[0], "stack.yaml: ok", "process: ready, in force, socket", "-- nothing is pending")
		g.shows(t, upgrade[1], "both databases are up to date")
		// What the backup does not have.
		g.reader.Do(t, doctest.Block{Page: "this test", Text: "identityd identity create --email late@example.com --verified"})
	})
	g.shows(t, backup[2], "restored backups/monday.tar.gz", "what was there before is in")
	left := g.reader.Do(t, doctest.Block{Page: "this test", Text: "identityd identity list"})
	if !strings.Contains(left, "anna@example.com") || strings.Contains(left, "late@example.com") {
		t.Errorf("got %s, want the people of the backup", left)
	}
}

// social takes Google in, which cannot be reached from here.
func (g *guide) social(t *testing.T, steps []doctest.Block) {
	t.Helper()
	g.reader.Do(t, steps[0])
	for _, b := range doctest.All(t, "docs/guides/social-sign-in.md") {
		if b.Language == "yaml" {
			g.file(t, atOnce+b.Text)
			break
		}
	}
	g.shows(t, steps[1], "stack.yaml: ok", "sign-in/callbacks: register at Google as a redirect address (google): http://localhost:3000/self-service/methods/oidc/callback/google",
		"FAULT    sign-in/providers", "https://accounts.google.com", "in force: login.providers")
	if page := fetched(t, "http://localhost:3000/login"); !strings.Contains(page, "Sign in with Google") {
		t.Errorf("the page offers no Google:\n%s", page)
	}
}

func (g *guide) rotates(t *testing.T, steps []doctest.Block) {
	t.Helper()
	g.shows(t, steps[0], "added, and seals", "in force: secrets.file", "opening", "1 serving:")
	g.shows(t, steps[1], "hydra.openid.id-token: key", "has to stay until", "signs", "verifies")
	g.shows(t, steps[2], "client shop has a new secret", "the old one is honored until")
	g.shows(t, steps[3], "the old secret of client shop proves nothing any more")
	g.shows(t, steps[4], "deploy-2027 clients sha256:", "until:2027-12-31")
	g.shows(t, steps[5], "ops@example.com")
}

func fetched(t *testing.T, address string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Jar: jar, Timeout: StopBound}).Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestABackupOfPostgreSQL copies, rehearses and restores as docs/guides/backup.md says, with the users of production: one that serves
// and one that migrates.
func TestABackupOfPostgreSQL(t *testing.T) {
	steps := doctest.Of(t, "docs/guides/backup.md")
	if len(steps) != 3 {
		t.Fatalf("got %d steps, and this test knows 3", len(steps))
	}
	if os.Getenv("IDENTITYD_TEST_LONG") == "" {
		t.Skip("SKIP: it makes a server, restores to it three times and takes ten seconds; IDENTITYD_TEST_LONG=1 runs it")
	}
	for _, program := range []string{"pg_dump", "pg_restore", "createdb"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIP: there is no %s", program)
		}
	}
	server := pgtest.Start(t)
	admin, err := url.Parse(server.Role(t, "CREATEDB CREATEROLE"))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := admin.User.Password()
	dir := t.TempDir()
	g := &guide{reader: &doctest.Reader{Dir: dir, Bound: StartBound, Env: append(AnyPort(), "PATH="+os.Getenv("PATH"), "HOME="+dir,
		"PGHOST="+admin.Hostname(), "PGPORT="+admin.Port(), "PGUSER="+admin.User.Username(), "PGPASSWORD="+password)}}
	g.write(t, "admin-url", admin.String())
	bare := *admin
	bare.User = nil
	g.file(t, `profile: development
secrets: { file: secrets/identityd.yaml }
database:
  url: "`+bare.String()+`"
  hydra: { user: hydra_user, password_file: secrets/hydra }
  kratos: { user: kratos_user, password_file: secrets/kratos }
`)
	g.reader.Do(t, doctest.Block{Page: "this test", Text: `identityd bootstrap --admin-url-file admin-url --password-dir secrets
identityd secrets generate --out secrets/identityd.yaml
export IDENTITYD_DATABASE_HYDRA_USER=hydra_migrator IDENTITYD_DATABASE_HYDRA_PASSWORD_FILE=secrets/hydra_migrator
export IDENTITYD_DATABASE_KRATOS_USER=kratos_migrator IDENTITYD_DATABASE_KRATOS_PASSWORD_FILE=secrets/kratos_migrator
identityd migrate`})
	g.reader.Do(t, doctest.Block{Page: "this test", Text: "identityd identity create --email anna@example.com --verified"})
	g.reader.Do(t, steps[0])
	g.reader.Do(t, doctest.Block{Page: "this test", Text: "identityd identity create --email late@example.com --verified"})
	people := func(said string) {
		t.Helper()
		if !strings.Contains(said, "anna@example.com") || strings.Contains(said, "late@example.com") {
			t.Errorf("got %s, want the people of the backup", said)
		}
	}
	rehearsed := g.reader.Do(t, steps[1])
	people(rehearsed)
	if !strings.Contains(rehearsed, "hydra.openid.id-token") {
		t.Errorf("got %s, want the signing keys", rehearsed)
	}
	g.reader.Do(t, steps[2])
	// As the users that serve.
	serving := doctest.Block{Page: "this test", Text: "identityd identity list\nidentityd key list"}
	people(g.reader.Do(t, serving))
	g.reader.Do(t, doctest.Block{Page: "this test", Text: `PGPASSWORD=$(cat secrets/hydra_migrator) dropdb --username=hydra_migrator hydra
PGPASSWORD=$(cat secrets/kratos_migrator) dropdb --username=kratos_migrator kratos
identityd bootstrap --admin-url-file admin-url --password-dir secrets`})
	g.reader.Do(t, steps[2])
	people(g.reader.Do(t, serving))
}
