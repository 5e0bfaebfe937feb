// Package discreet takes out of the errors of the engines what tells of the inside of the process: SQL, addresses,
// paths, errors of Go.
//
// A failure of ours keeps its status, its shape and its request id, and says nothing else; the log has the rest
// under that id. A refusal keeps its words, unless they are such. Whatever is no error passes as it is.
package discreet
