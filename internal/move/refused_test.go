package move_test

import (
	"strings"
	"testing"
)

func TestWhatCannotBeCopiedIsNamed(t *testing.T) {
	for _, tt := range []struct{ name, change, want string }{
		{
			"a zero character", "UPDATE people SET \"order\" = 'a' || char(0) WHERE name = 'Ada'",
			"people: the column order of the row cccccccc-cccc-4ccc-8ccc-cccccccccccc contains the character U+0000",
		},
		{
			"one in JSON", `UPDATE people SET traits = '{"x":"\u0000"}' WHERE name = 'Ada'`,
			`people: the column traits of the row cccccccc-cccc-4ccc-8ccc-cccccccccccc contains the character \u0000`,
		},
		{
			"a reference to nobody", "PRAGMA foreign_keys = OFF; INSERT INTO homes VALUES ('eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee', '99999999-9999-4999-8999-999999999999')",
			"a row refers to one that does not exist (homes_owner_fkey)",
		},
		{
			"a time that is none", "UPDATE people SET seen = 'soon' WHERE name = 'Ada'",
			"people: the column seen of the row cccccccc-cccc-4ccc-8ccc-cccccccccccc is no time",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from, to := furnished(t), postgres(t)
			execute(t, from.db, tt.change)
			_, err := copyTo(t.Context(), from, to, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "INSERT") {
				t.Errorf("SQL is shown: %v", err)
			}
		})
	}
}

func TestSchemasThatDiffer(t *testing.T) {
	for _, tt := range []struct{ name, change, want string }{
		{"a column that the source lacks", "ALTER TABLE people DROP COLUMN ratio", "the source has no column people.ratio; run identityd migrate"},
		{"a column that only the source has", "ALTER TABLE people ADD COLUMN new TEXT", "the source has a column people.new, which this version does not know"},
		{"a table that only the source has", "CREATE TABLE new (id TEXT)", "the source has a table new, which this version does not know"},
		{"a table that the source lacks", "DROP TABLE homes", "the source has no table homes; run identityd migrate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from, to := sqlite(t), postgres(t)
			execute(t, from.db, tt.change)
			if _, err := copyTo(t.Context(), from, to, nil); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}
