package stack

import (
	"fmt"
	"slices"
	"strings"

	"example.com/identityd/internal/config"
)

// sameSecrets refuses a target whose file could not read the copy. Secrets that the target's file does
// not name are settled by whoever writes it; the command says with which.
func sameSecrets(from, to config.Config) error {
	var missing []string
	for _, kind := range []struct {
		name     string
		from, to []config.Secret
	}{
		{"system", from.Secrets.System, to.Secrets.System},
		{"cookie", from.Secrets.Cookie, to.Secrets.Cookie},
		{"cipher", from.Secrets.Cipher, to.Secrets.Cipher},
	} {
		if len(kind.from) == 0 || len(kind.to) == 0 {
			continue
		}
		for _, s := range kind.from {
			if !slices.ContainsFunc(kind.to, s.Equal) {
				missing = append(missing, "secrets."+kind.name)
				break
			}
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the target's file lacks secrets of the source in %s: what they protect could not be read there; "+
			"add them to its lists, behind its own or in their place", strings.Join(missing, " and "))
	}
	return nil
}
