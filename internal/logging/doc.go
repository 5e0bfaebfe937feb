// Package logging builds the one slog.Logger of the process and keeps secrets out of what it writes.
//
// The house uses these keys; a new one is added here first.
//
//	actor          name of a supervised actor
//	address        what the host of an outgoing call resolved to
//	addresses      what a listener is bound to
//	asked          whether an actor ended because it was told to
//	by             who did what is on record: a person, an admin token, a file (internal/audit)
//	bytes          size of a response's body
//	case           the number that a person tells those who help
//	cause, flows   words for what went wrong in a request, and marks of the steps of its sign-in (internal/why)
//	cert_file      the file of a certificate
//	check          name of a readiness check
//	claim, limit   a claim that was left out, and the bytes it may have
//	client_id      an OAuth2 client
//	component      hydra, kratos, courier, store, ui, inbox
//	connections, pool       what a database server admits, and what this process may open
//	count          a number of things
//	cure           what to do about the reason
//	database       a database without its password
//	detail         a sentence written by somebody else's code
//	details        what else is on record, in words of ours
//	done, total, elapsed    how far migrations are, and for how long they have run
//	drain, grace, prestop   time limits
//	duration       a time.Duration as text
//	duration_ms    the same as a number, on access lines
//	engine         hydra or kratos
//	err            an error
//	error_code     code of the failure that a request was answered with (docs/errors.md)
//	heap, container         bytes that the heap and the container may have
//	host           host:port of an outgoing call
//	isolation, license, server   of a database server, as it says
//	key, keys      words of the configuration; key also what the file calls something that it declares
//	kind, outcome  of what is on record in the audit trail; kind also of an outgoing call that was refused
//	listener       name of a listener
//	mail_id        a mail in the development inbox
//	method, path, status    of a request; path has no query, which carries challenges and codes
//	migration      the version and name of a migration
//	node           the kind of a part of a flow
//	not_after, not_before   of a certificate
//	origin         where a page of another application is from, as its browser says
//	panic, stack   of a recovered panic
//	part           what answered behind the gateway: hydra, kratos or ui
//	pending, applied        numbers of migrations
//	reason         why, in words
//	remote_ip      the address of the client, through trusted proxies only
//	request_id     joins all lines of one request
//	signal         name of a signal
//	source         what set a limit
//	session_id     a session of Kratos
//	sql_failure    what the database refused in a request
//	story          the sign-in, by the id of its first trace
//	subject        the id of an identity
//	sql_statements number of statements a request caused
//	trace_id, traced   the trace of a request, and whether the collector gets it
//	ui, issuer     addresses of ours, as a browser sees them
//	uid            a user of the system
//	variables      names of environment variables
//	what, was, is  a fact of the installation, before and now
package logging
