package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// imageVariable names the image that make image writes.
const imageVariable = "IDENTITYD_TEST_IMAGE"

// heaviest is how many bytes the image may have as it is downloaded.
const heaviest = 30_000_000

// imageSettings is what the image says of how it is run.
type imageSettings struct {
	Architecture string `json:"architecture"`
	Config       struct {
		User         string
		Env          []string
		Entrypoint   []string
		Cmd          []string
		WorkingDir   string
		StopSignal   string
		Volumes      map[string]struct{}
		ExposedPorts map[string]struct{}
		Healthcheck  struct{ Test []string }
	} `json:"config"`
	RootFS struct {
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
}

// unpackImage puts the root file system of the image into a folder and returns how it is to be run.
func unpackImage(t *testing.T) (root string, settings imageSettings) {
	t.Helper()
	file := os.Getenv(imageVariable)
	if file == "" {
		const words = imageVariable + " names no image: make image writes bin/identityd.oci.tar"
		if slices.Contains(strings.Split(os.Getenv("IDENTITYD_TEST_REQUIRE"), ","), "image") {
			t.Fatal(words + " (IDENTITYD_TEST_REQUIRE asks for it)")
		}
		t.Skip("SKIP: " + words)
	}
	if os.Getuid() != 0 {
		t.Skip("SKIP: only root can make namespaces with a root of their own")
	}
	files := untar(t, file)
	var index struct{ Manifests []struct{ Digest string } }
	decode(t, files["index.json"], &index)
	if len(index.Manifests) != 1 {
		t.Fatalf("got %d images in the file, want one", len(index.Manifests))
	}
	var manifest struct {
		Config struct{ Digest string }
		Layers []struct{ Digest string }
	}
	decode(t, content(t, files, index.Manifests[0].Digest), &manifest)
	decode(t, content(t, files, manifest.Config.Digest), &settings)
	if len(manifest.Layers) != 1 || len(settings.RootFS.DiffIDs) != 1 {
		t.Fatalf("got %d layers, want one", len(manifest.Layers))
	}
	plain, err := gzip.NewReader(bytes.NewReader(content(t, files, manifest.Layers[0].Digest)))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	if got := digestOf(raw); got != settings.RootFS.DiffIDs[0] {
		t.Errorf("got a layer of %s, want %s", got, settings.RootFS.DiffIDs[0])
	}
	return rootOf(t, raw), settings
}

func untar(t *testing.T, file string) map[string][]byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > heaviest {
		t.Errorf("the image has %d bytes, want at most %d", len(raw), heaviest)
	}
	out := map[string][]byte{}
	for r := tar.NewReader(bytes.NewReader(raw)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if out[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// content is what a digest names, if it has that digest.
func content(t *testing.T, files map[string][]byte, digest string) []byte {
	t.Helper()
	raw := files["blobs/"+strings.ReplaceAll(digest, ":", "/")]
	if got := digestOf(raw); got != digest {
		t.Fatalf("got content of %s, want %s", got, digest)
	}
	return raw
}

func digestOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func decode(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// rootOf unpacks a layer as an engine does, with its owners and modes.
func rootOf(t *testing.T, layer []byte) string {
	t.Helper()
	root, err := os.MkdirTemp("", "image-*") //nolint:usetesting // its parents are for all to enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	for r := tar.NewReader(bytes.NewReader(layer)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(root, h.Name) //nolint:gosec // of an image that was just made
		if h.Typeflag == tar.TypeDir {
			err = os.Mkdir(at, 0o700)
		} else {
			var body []byte
			if body, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(at, body, 0o600)
			}
		}
		// The sticky bit of /tmp is in the mode of the header too.
		mode := fs.FileMode(h.Mode).Perm() | h.FileInfo().Mode()&fs.ModeSticky
		if err := errors.Join(err, os.Chown(at, h.Uid, h.Gid), os.Chmod(at, mode)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(root, 0o755); err != nil { //nolint:gosec // as an image's root
		t.Fatal(err)
	}
	return root
}
