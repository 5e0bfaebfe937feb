// Package middleware holds the HTTP handlers that every listener puts in front of its own: request
// id, access log, panic recovery, body limit and response headers.
package middleware
