// Package ory tames what both engines have in common: their logger, their exits, their settings,
// their tracer, their Jsonnet, and the way to call one without a socket.
package ory
