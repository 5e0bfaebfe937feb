package doctor

import "crypto/tls"

// unverified takes any certificate, for questions to which the answer is no secret and proves nothing.
func unverified() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}
}
