package config

// Pair returns the files of one listener, named as in listen (ui, hydra_public, ...): its own pair,
// for a public one else the pair of all; empty when it speaks plain http.
func (t TLS) Pair(listener string) KeyPair {
	for _, own := range t.own() {
		if own.listener != listener {
			continue
		}
		if own.pair.Empty() && own.public {
			return KeyPair{CertFile: t.CertFile, KeyFile: t.KeyFile}
		}
		return *own.pair
	}
	return KeyPair{}
}

// listenerPair is the pair written for one listener.
type listenerPair struct {
	listener string
	pair     *KeyPair
	public   bool
}

func (t *TLS) own() []listenerPair {
	return []listenerPair{
		{"gateway", &t.Gateway, true},
		{"ui", &t.UI, true},
		{"hydra_public", &t.HydraPublic, true},
		{"hydra_admin", &t.HydraAdmin, false},
		{"kratos_public", &t.KratosPublic, true},
		{"kratos_admin", &t.KratosAdmin, false},
		{"ops", &t.Ops, false},
		{"console", &t.Console, false},
	}
}
