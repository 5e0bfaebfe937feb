// Package certs serves a certificate from files and picks up new ones.
package certs
