package main

import (
	"os"
	"testing"

	"example.com/identityd/internal/scripttest"
)

// TestMain gives the tests a program to run as a process of its own.
func TestMain(m *testing.M) {
	if to := os.Getenv(forwardVariable); to != "" {
		os.Exit(forward(to))
	}
	scripttest.Main(m)
}
