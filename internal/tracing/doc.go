// Package tracing keeps the spans of a request until it is over, decides then whether they are of use, and sends
// those that are to a collector.
package tracing
