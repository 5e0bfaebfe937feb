// Package outbound decides which addresses this process may call, and makes the HTTP transport that every
// call of it goes through.
package outbound
