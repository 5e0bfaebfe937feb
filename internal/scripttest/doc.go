// Package scripttest runs scripts of commands against the program itself: every command of identityd is
// run by one of testdata/*.txtar, and the tree of commands is held against them.
//
// The scripts are those of testscript (https://pkg.go.dev/github.com/rogpeppe/go-internal/testscript), with
// these commands of their own:
//
//	serve [-as name] [-until alive|ready|banner] [NAME=value...] [flag...]
//	                            serves in the background on free ports, in the folder of the script, and waits;
//	                            the addresses are in $UI, $HYDRA, $KRATOS, $HYDRA_ADMIN, $KRATOS_ADMIN, $OPS
//	end [-as name] [-within d] [TERM|INT [code]]
//	                            stops it and wants its exit code, 0 unless said otherwise
//	signal, logged              send a signal, wait for a text in the log
//	exits code command...       runs a command that is to end with that code
//	json path [pattern]         holds the JSON on stdout against a pattern: json clients.0.client_id '^shop$'
//	set NAME path               puts what is there in the JSON on stdout into the environment
//	get, send, signup, mailcode what a browser does
//	[!] signin KRATOS who password
//	                            signs in as an app does, and prints the id and how far it was proved
//	sql, mode, jsonlines, nosecrets, secret, certificate, mailserver, admin, postgres, occupy, closedport, forwarder, receiver, anyport, socketdir
//
// What a script serves is stopped at its end, and what it wrote is shown when the script fails.
package scripttest
