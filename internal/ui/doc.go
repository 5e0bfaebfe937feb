// Package ui is every page that a person meets: sign-in, sign-up, consent, sign-out and what goes
// wrong, as server-rendered HTML that needs no JavaScript.
//
// It knows neither engine: what it needs from them is declared as the interfaces in config.go.
package ui
