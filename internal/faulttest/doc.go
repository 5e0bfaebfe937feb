// Package faulttest stands between a stack under test and its database and spoils the connection.
package faulttest
