// Package hooks calls addresses of the operator's when something happens: signed, asked before it happens, or told
// afterwards from an outbox until it worked.
package hooks
