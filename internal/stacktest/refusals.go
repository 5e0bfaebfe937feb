package stacktest

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Refuse makes the database answer the first statements that an event (INSERT, UPDATE or DELETE) of a
// table starts with a SQLSTATE; less than 0 means all of them. The returned function ends that.
func Refuse(t testing.TB, url, database, table, event, state string, first int) (end func()) {
	t.Helper()
	name := "test_refuse_" + table
	condition := fmt.Sprintf("nextval('%s') <= %d", name, first)
	if first < 0 {
		condition = "true"
	}
	Exec(t, url, database,
		// A sequence counts on where a transaction is rolled back.
		"CREATE SEQUENCE "+name,
		fmt.Sprintf(`CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				IF %s THEN
					RAISE EXCEPTION 'injected by a test' USING ERRCODE = '%s';
				END IF;
				RETURN NULL;
			END $$`, name, condition, state),
		fmt.Sprintf("CREATE TRIGGER %[1]s BEFORE %[2]s ON %[3]s FOR EACH STATEMENT EXECUTE FUNCTION %[1]s()",
			name, event, pgx.Identifier{table}.Sanitize()))
	return func() {
		Exec(t, url, database, "DROP FUNCTION "+name+" CASCADE", "DROP SEQUENCE "+name)
	}
}
