package cli

// The certificate authorities of the web, for a container that holds nothing but the binary. They count
// only where the system has none of its own (x509.SetFallbackRoots).
import _ "golang.org/x/crypto/x509roots/fallback"
