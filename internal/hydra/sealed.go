package hydra

import (
	"context"

	"github.com/ory/hydra/v2/aead"
	"github.com/ory/hydra/v2/x"
)

// Seal is what one system secret seals in the database: keys of the key sets and sessions of tokens.
type Seal struct{ cipher *aead.AESGCM }

// NewSeal returns the seal of a system secret (hydra: driver/registry_sql.go, KeyCipher).
func NewSeal(secret string) Seal {
	return Seal{aead.NewAESGCM(oneSecret(x.HashStringSecret(secret)))}
}

// Open opens what was sealed with this secret, and fails for what was not.
func (s Seal) Open(text string) ([]byte, error) {
	return s.cipher.Decrypt(context.Background(), text, nil)
}

// Close seals with this secret.
func (s Seal) Close(plain []byte) (string, error) {
	return s.cipher.Encrypt(context.Background(), plain, nil)
}

// oneSecret are the settings of a cipher that knows one secret only.
type oneSecret []byte

// GetGlobalSecret implements fosite.GlobalSecretProvider.
func (o oneSecret) GetGlobalSecret(context.Context) ([]byte, error) { return o, nil }

// GetRotatedGlobalSecrets implements fosite.RotatedGlobalSecretsProvider.
func (o oneSecret) GetRotatedGlobalSecrets(context.Context) ([][]byte, error) { return nil, nil }
