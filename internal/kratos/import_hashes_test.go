package kratos

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/go-crypt/crypt/algorithm/md5crypt"
	"github.com/go-crypt/crypt/algorithm/shacrypt"
	"github.com/ory/kratos/hash"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/pbkdf2"
	"golang.org/x/crypto/scrypt"

	"example.com/identityd/internal/peoplefile"
)

// oldHashes are hashes of one password as other systems have them, one of each kind that Kratos verifies.
func oldHashes(t *testing.T, password string) map[string]string {
	t.Helper()
	p, salt := []byte(password), []byte("0123456789abcdef")
	raw, std := base64.RawStdEncoding.EncodeToString, base64.StdEncoding.EncodeToString
	must := func(text string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	made, err := bcrypt.GenerateFromPassword(p, 5)
	bc := must(string(made), err)
	sc, err := scrypt.Key(p, salt, 1024, 8, 1, 32)
	must("", err)
	crypted := func(d fmt.Stringer, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return d.String()
	}
	m5, err := md5crypt.New()
	must("", err)
	m5d, err := m5.HashWithSalt(password, []byte("saltsalt"))
	md5c := crypted(m5d, err)
	s2, err := shacrypt.New(shacrypt.WithSHA256(), shacrypt.WithIterations(1000))
	must("", err)
	s2d, err := s2.Hash(password)
	sha2 := crypted(s2d, err)
	s5, err := shacrypt.New(shacrypt.WithSHA512(), shacrypt.WithIterations(1000))
	must("", err)
	s5d, err := s5.Hash(password)
	sha5 := crypted(s5d, err)
	s1 := sha1.Sum(append([]byte(password), salt...))
	s256 := sha256.Sum256(append([]byte(password), salt...))
	s512 := sha512.Sum512(append([]byte(password), salt...))
	after := std([]byte("{PASSWORD}{SALT}"))
	m := md5.Sum(p)
	ms := md5.Sum(append([]byte(password), salt...))
	mac := hmac.New(sha256.New, salt)
	mac.Write(p)
	return map[string]string{
		"argon2id":          "$argon2id$v=19$m=1024,t=2,p=1$" + raw(salt) + "$" + raw(argon2.IDKey(p, salt, 2, 1024, 1, 32)),
		"argon2i":           "$argon2i$v=19$m=1024,t=3,p=1$" + raw(salt) + "$" + raw(argon2.Key(p, salt, 3, 1024, 1, 32)),
		"bcrypt":            bc,
		"bcrypt of PHP":     strings.Replace(bc, "$2a$", "$2y$", 1),
		"pbkdf2-sha1":       "$pbkdf2-sha1$i=1000,l=20$" + raw(salt) + "$" + raw(pbkdf2.Key(p, salt, 1000, 20, sha1.New)),
		"pbkdf2-sha256":     "$pbkdf2-sha256$i=1000,l=32$" + raw(salt) + "$" + raw(pbkdf2.Key(p, salt, 1000, 32, sha256.New)),
		"pbkdf2 of Django":  "pbkdf2_sha256$1000$0123456789abcdef$" + std(pbkdf2.Key(p, salt, 1000, 32, sha256.New)),
		"scrypt":            "$scrypt$ln=1024,r=8,p=1$" + std(salt) + "$" + std(sc),
		"md5crypt":          md5c,
		"sha256crypt":       sha2,
		"sha512crypt":       sha5,
		"sha512crypt, LDAP": "{CRYPT}" + sha5,
		"SSHA":              "{SSHA}" + std(append(s1[:], salt...)),
		"SSHA256":           "{SSHA256}" + std(append(s256[:], salt...)),
		"SSHA512":           "{SSHA512}" + std(append(s512[:], salt...)),
		"salted sha1":       "$sha1$pf=" + after + "$" + std(salt) + "$" + std(s1[:]),
		"salted sha256":     "$sha256$pf=" + after + "$" + std(salt) + "$" + std(s256[:]),
		"salted sha512":     "$sha512$pf=" + after + "$" + std(salt) + "$" + std(s512[:]),
		"md5":               "$md5$" + std(m[:]),
		"salted md5":        "$md5$pf=" + after + "$" + std(salt) + "$" + std(ms[:]),
		"hmac-sha256":       "$hmac-sha256$" + std([]byte(hex.EncodeToString(mac.Sum(nil)))) + "$" + std(salt),
		// The vector of Firebase's own description of its scrypt.
		"firebase": "$firescrypt$ln=14,r=8,p=1$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$Bw==$" +
			"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
	}
}

func TestHashesOfOtherSystems(t *testing.T) {
	const password = "user1password"
	for name, old := range oldHashes(t, password) {
		t.Run(name+" is verified after an import", func(t *testing.T) {
			got, err := peoplefile.Hash(old)
			if err != nil {
				t.Fatalf("%v: %s", err, old)
			}
			if reason := CheckHash(got); reason != "" {
				t.Errorf("it is refused: %s", reason)
			}
			if err := hash.Compare(t.Context(), []byte(password), []byte(got)); err != nil {
				t.Errorf("the password is not verified: %v", err)
			}
			if err := hash.Compare(t.Context(), []byte(password+"x"), []byte(got)); err == nil {
				t.Error("another password is verified")
			}
		})
		t.Run(name+" that broke off is refused", func(t *testing.T) {
			for _, broken := range []string{old[:len(old)/2], old[:strings.LastIndex(old, "$")+1], old + "$"} {
				if got, err := peoplefile.Hash(broken); err == nil && hash.Compare(t.Context(), []byte(password), []byte(got)) != nil && broken != old {
					// What is read all the same has to be a hash that Kratos can read.
					if !readable(t, got) {
						t.Errorf("got %q taken, which Kratos cannot read", broken)
					}
				}
			}
		})
	}
}

// Kratos compares as many bytes as there are, which is none where a hash broke off: every password is right then.
func TestAHashThatEverybodyFitsIsRefused(t *testing.T) {
	const salt = "MDEyMzQ1Njc4OWFiY2RlZg"
	for name, text := range map[string]string{
		"firebase without hash and key":          "$firescrypt$ln=4,r=8,p=1$42xEC+ixf3L2lw==$$Bw==$",
		"one byte of PBKDF2":                     "$pbkdf2-sha1$i=1000,l=20$" + salt + "$AA",
		"one byte of argon2":                     "$argon2id$v=19$m=1024,t=2,p=1$" + salt + "$AA",
		"one byte of scrypt":                     "$scrypt$ln=1024,r=8,p=1$" + salt + "==$AA==",
		"a sum that the password has no part in": "$md5$pf=" + base64.StdEncoding.EncodeToString([]byte("x")) + "$" + salt + "==$nd1HGdVHUk78i9HjsgbZBw==",
		"one byte of a sum":                      "$md5$AA==",
		"one byte of a code with a key":          "$hmac-sha256$AA==$" + salt + "==",
	} {
		if CheckHash(text) == "" {
			t.Errorf("%s is taken", name)
		}
	}
	if err := hash.Compare(t.Context(), []byte("anything"), []byte("$firescrypt$ln=4,r=8,p=1$42xEC+ixf3L2lw==$$Bw==$")); err != nil {
		t.Errorf("Kratos refuses such a hash itself now: %v", err)
	}
}

// readable reports whether Kratos says of a password that it is wrong, and not that the hash is.
func readable(t *testing.T, text string) bool {
	t.Helper()
	err := hash.Compare(t.Context(), []byte("x"), []byte(text))
	return err == nil || strings.Contains(err.Error(), "do not match")
}
