package kratos

import (
	"context"

	"github.com/ory/kratos/cipher"
	kconfig "github.com/ory/kratos/driver/config"
)

// Seal is what one cipher secret seals: the tokens that upstream providers gave.
type Seal struct{ cipher cipher.Cipher }

// NewSeal returns the seal of a cipher secret under the algorithm that values.go sets.
func NewSeal(secret string) Seal {
	return Seal{cipher.NewCryptChaCha20(oneCipher(kconfig.ToCipherSecrets([]string{secret})))}
}

// Open opens what was sealed with this secret, and fails for what was not.
func (s Seal) Open(text string) ([]byte, error) { return s.cipher.Decrypt(context.Background(), text) }

// Close seals with this secret.
func (s Seal) Close(plain []byte) (string, error) {
	return s.cipher.Encrypt(context.Background(), plain)
}

type oneCipher [][32]byte

// SecretsCipher implements kratos' cipher.SecretsProvider.
func (o oneCipher) SecretsCipher(context.Context) [][32]byte { return o }
