package regions

import (
	"fmt"
	"strings"
)

// What the statements cost, for people. The latencies are those of public networks (1 to 3 ms within a
// region, 10 to 80 ms to a neighbor, 80 to 250 ms across an ocean) put into what CockroachDB documents;
// this project has measured none of them. The numbers of statements are those of the journey client on
// PostgreSQL (docs/cockroachdb.md).

const (
	nowZone    = "Takes replicas away in the background; no row is rewritten."
	nowSurvive = "Adds replicas in the background, five in place of three, so the data takes two thirds more room; no row is rewritten."

	thenSurvive = "Every write waits for the nearest other region: 10 to 80 ms more for a neighbor, 80 to 250 ms across an ocean. " +
		"A sign-in with consent and tokens is some 12 of them, one after another. The loss of any one region loses no data and stops nobody."
)

func thenZone(g Goal) string {
	return fmt.Sprintf("Writes do not leave %s. While that region is away nobody signs in anywhere.", g.Primary)
}

func nowPrimary(g Goal) string {
	return fmt.Sprintf("Gives every table its home in %s. Replicas move there in the background; no row is rewritten.", g.Primary)
}

func thenPrimary(g Goal) string {
	if len(g.Others) == 0 {
		return fmt.Sprintf("Statements from %s stay there.", g.Primary)
	}
	return fmt.Sprintf("Statements from %s stay there, 1 to 3 ms each. From %s each one pays a round trip to it, 10 to 250 ms; a sign-in "+
		"with consent and tokens is some 60 of them, over several requests.",
		g.Primary, strings.Join(g.Others, " and "))
}

func nowMovePrimary(db Database, g Goal) string {
	return fmt.Sprintf("Moves the home of every table from %s to %s in the background; sign-ins go on, and are slower until it is done.",
		db.Primary, g.Primary)
}

func nowAdd(db Database) string {
	rows := 0
	for _, t := range db.Tables {
		if strings.HasPrefix(string(t.Locality), string(ByRow)) {
			rows++
		}
	}
	if rows == 0 {
		return "Puts a replica of every range there in the background; no row is rewritten."
	}
	return fmt.Sprintf("Divides %d tables that are regional by row anew, and puts replicas there in the background.", rows)
}

func thenAdd(region string, g Goal) string {
	if g.Survive == surviveRegion {
		return fmt.Sprintf("%s votes on writes.", region)
	}
	return fmt.Sprintf("%s reads global tables from its own nodes, and does not vote on writes.", region)
}

func nowDrop(region string) string {
	return fmt.Sprintf("Moves replicas out of %s. It fails while a row of a table that is regional by row lives there.", region)
}

func thenDrop(region string) string {
	return fmt.Sprintf("Processes in %s go on, and pay a round trip for every read.", region)
}

// rewrites: the region becomes a part of the primary key, or leaves it.
func rewrites(t Table, want Locality) bool {
	return strings.HasPrefix(string(t.Locality), string(ByRow)) || want == ByRow
}

func nowLocality(t Table, want Locality) string {
	if rewrites(t, want) {
		size := "the table is empty or was never counted"
		if t.Rows > 0 {
			size = fmt.Sprintf("about %d rows", t.Rows)
		}
		return fmt.Sprintf("Rewrites the table and its indexes beside what goes on (%s); other schema changes of it wait.", size)
	}
	return "Moves replicas in the background; no row is rewritten."
}

func thenLocality(t Table, want Locality) string {
	switch want {
	case Global:
		return fmt.Sprintf("Read from the nearest node, 1 to 3 ms, everywhere. Each write waits 0.3 to 0.8 s (%s).", writes(t.Name))
	case ByRow:
		return "Rows live where they were written. An insert asks every region whether its key is taken, and its foreign keys may be far: " +
			"one round trip to the farthest region, 80 to 250 ms. A read that misses here, a wrong token or a person who travels, asks all regions."
	default:
		return "One home, in the primary region; correct from everywhere, and a round trip away from elsewhere."
	}
}

// writes says when a global table is written, since each time is slow.
func writes(table string) string {
	switch table {
	case "networks":
		return "once, at the first start"
	case "schema_migration":
		return "each migration of an upgrade"
	case "hydra_client":
		return "an application is registered or changed"
	case "hydra_jwk":
		return "a key is made or rotated"
	case "hydra_oauth2_trusted_jwt_bearer_issuer":
		return "an issuer is trusted or not any longer"
	default:
		return "by migrations only"
	}
}
