package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// The media types of the OCI image specification 1.1.
const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// nobody is the user of the image, whose number means nobody on any system.
const nobody = 65532

// blob is content that is named by its digest.
type blob struct {
	kind string
	body []byte
}

func (b blob) digest() string { return "sha256:" + digest(b.body) }

// descriptor points to a blob.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    map[string]string `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

func (b blob) descriptor() descriptor {
	return descriptor{MediaType: b.kind, Digest: b.digest(), Size: len(b.body)}
}

// image is one for one platform.
type image struct {
	platform                string
	manifest, config, layer blob
	labels                  map[string]string
}

// contents is what the Dockerfile copies, by the words it does it with.
func contents(binary []byte) map[string]entry {
	return map[string]entry{
		"--from=build /out/identityd /identityd":           {name: "identityd", mode: 0o755, body: binary},
		"--from=build --chown=65532:65532 /out/data /data": {name: "data/", mode: 0o700, uid: nobody},
		"--from=build --chown=65532:65532 /out/tmp /tmp":   {name: "tmp/", mode: 0o777 | fs.ModeSticky, uid: nobody},
	}
}

// newImage makes the image that the Dockerfile describes, of a program that is built.
func newImage(s settings, platform string, binary []byte) (image, error) {
	goos, goarch, _ := strings.Cut(platform, "/")
	config, copied, err := dockerfile("Dockerfile", map[string]string{"VERSION": s.version, "COMMIT": s.commit, "DATE": s.date})
	if err != nil {
		return image{}, err
	}
	there := contents(binary)
	var files []entry
	for _, words := range copied {
		e, known := there[words]
		if !known {
			return image{}, fmt.Errorf("the Dockerfile has COPY %s, which is unknown here: add it to contents in tools/release/image.go", words)
		}
		delete(there, words)
		files = append(files, e)
	}
	if len(there) != 0 {
		return image{}, fmt.Errorf("the Dockerfile does not copy what tools/release/image.go has: %v", keys(there))
	}
	raw, err := tarball(files, s.made)
	if err != nil {
		return image{}, err
	}
	layer, err := squeeze(raw)
	if err != nil {
		return image{}, err
	}
	out := image{platform: platform, layer: blob{typeLayer, layer}, labels: config.Labels}
	created := s.made.Format("2006-01-02T15:04:05Z")
	body, err := json.Marshal(map[string]any{
		"architecture": goarch, "os": goos, "created": created, "config": config,
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(raw)}},
		"history": []map[string]any{{"created": created, "created_by": "make release", "comment": "the program, /data and /tmp"}},
	})
	if err != nil {
		return image{}, err
	}
	out.config = blob{typeConfig, body}
	body, err = json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": typeManifest, "config": out.config.descriptor(),
		"layers": []descriptor{out.layer.descriptor()}, "annotations": config.Labels,
	})
	if err != nil {
		return image{}, err
	}
	out.manifest = blob{typeManifest, body}
	return out, nil
}

func keys(m map[string]entry) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// writeImage writes the image of a program that is built already.
func writeImage(s settings, platform, binary, file string) error {
	raw, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	img, err := newImage(s, platform, raw)
	if err != nil {
		return err
	}
	body, err := img.archive(s)
	if err != nil {
		return err
	}
	return write(file, body)
}
