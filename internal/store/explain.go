package store

import (
	"context"
	"errors"
	"net"
	"strings"
)

// DatabaseMissing says that the server has no database of the name.
func DatabaseMissing(err error) bool { return isMissingDatabase(err) }

// CredentialsRefused says that the server does not know the user, or not with this password.
func CredentialsRefused(err error) bool { return strings.HasPrefix(sqlState(err), "28") }

// Mismatch asks a server of which the database is missing whether the URL is for another kind.
func Mismatch(ctx context.Context, d DSN) error { return checkWithoutDatabase(ctx, d) }

// Cause is the innermost reason of a connection that failed, which names address and reason and no password.
func Cause(err error) string {
	var (
		op   *net.OpError
		name *net.DNSError
	)
	switch {
	case errors.As(err, &op):
		return op.Error()
	case errors.As(err, &name):
		return name.Error()
	}
	return Explain(err)
}
