// Package gateway serves the pages and the public APIs of both engines under one origin, each by its paths.
package gateway
