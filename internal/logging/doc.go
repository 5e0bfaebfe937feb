// Package logging builds the one slog.Logger of the process and keeps secrets out of what it writes.
//
// The house uses these keys; a new one is added here first.
//
//	actor          name of a supervised actor
//	addresses      what a listener is bound to
//	asked          whether an actor ended because it was told to
//	bytes          size of a response's body
//	check          name of a readiness check
//	component      hydra, kratos, courier, store, ui
//	count          a number of things
//	detail         a sentence written by somebody else's code
//	drain, grace, prestop   time limits
//	duration       a time.Duration as text
//	duration_ms    the same as a number, on access lines
//	err            an error
//	listener       name of a listener
//	method, path, status    of a request; path has no query, which carries challenges and codes
//	panic, stack   of a recovered panic
//	reason         why, in words
//	remote_ip      the peer's address without its port
//	request_id     joins all lines of one request
//	signal         name of a signal
//	sql_statements number of statements a request caused
package logging
