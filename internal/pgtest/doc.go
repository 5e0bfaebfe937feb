// Package pgtest starts a real PostgreSQL for a test, which may be stopped, started and frozen.
//
// A test that wants an outage takes a server of its own from Start; every other test takes databases
// of its own on the one server of Shared, which costs a second once per test binary. Both skip where
// PostgreSQL is not installed, and fail instead of skipping where IDENTITYD_TEST_REQUIRE names postgres.
// IDENTITYD_TEST_POSTGRES_URL makes Shared use a running server, whose user has to be able to create
// databases.
//
// For goleak: one goroutine of a running server lives in pgtest.(*process).reap.
package pgtest
