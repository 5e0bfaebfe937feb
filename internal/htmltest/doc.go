// Package htmltest asserts on HTML by CSS selector, so that a test says what a page must have and
// not how it is spelled.
package htmltest
