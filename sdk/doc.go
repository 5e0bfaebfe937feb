// Package sdk calls a running identityd through the SDKs that Ory publishes and client libraries of others, as applications
// and consoles do: Go here, JavaScript in js.
package sdk
