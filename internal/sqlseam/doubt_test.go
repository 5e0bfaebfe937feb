package sqlseam_test

import (
	"context"
	"database/sql"
	"testing"

	"example.com/identityd/internal/sqlseam"
)

// TestAFailureOfNobodyIsADoubt opens connections and transactions as the pool, and Hydra on CockroachDB, do:
// without the context of the request that waits for them.
func TestAFailureOfNobodyIsADoubt(t *testing.T) {
	db, err := sql.Open(sqlseam.PostgresDriver, "postgres://me:sesame@127.0.0.1:1/x?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	before, record := sqlseam.NewContext(t.Context())
	if record.Doubt() {
		t.Error("a doubt without a failure")
	}
	if err := db.PingContext(before); err == nil || record.Doubt() {
		t.Errorf("got %v, doubt %v, want a failure that belongs to its request", err, record.Doubt())
	}
	_, record = sqlseam.NewContext(t.Context())
	if tx, err := db.BeginTx(context.Background(), nil); err == nil {
		t.Fatal(tx.Rollback())
	}
	if !record.Doubt() {
		t.Error("a transaction that nobody began failed, and there is no doubt")
	}
	if _, after := sqlseam.NewContext(t.Context()); after.Doubt() {
		t.Error("a request that began later doubts too")
	}
}
