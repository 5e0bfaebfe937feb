package cli

import (
	// The zones of the world, for a container that holds nothing but the binary: with TZ the log has the time of
	// that place there too. They count only where the system has none of its own.
	_ "time/tzdata"

	// The certificate authorities of the web, likewise (x509.SetFallbackRoots).
	_ "golang.org/x/crypto/x509roots/fallback"
)
