// Package routetest lists what a router of an engine serves. It is for tests only.
package routetest
