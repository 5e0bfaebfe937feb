package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// archive is the image as a tar of an OCI layout that is a Docker archive too, as docker save writes it: docker
// before 25 and others read manifest.json, newer ones and everybody else index.json.
func (i image) archive(s settings) ([]byte, error) {
	d := i.manifest.descriptor()
	d.Platform = platformOf(i.platform)
	d.Annotations = named(s)
	legacy, err := json.Marshal([]map[string]any{{
		"Config": pathOf(i.config), "RepoTags": []string{"identityd:" + s.version}, "Layers": []string{pathOf(i.layer)},
	}})
	if err != nil {
		return nil, err
	}
	files, err := layout([]descriptor{d}, i.manifest, i.config, i.layer)
	if err != nil {
		return nil, err
	}
	return tarball(append(files, entry{name: "manifest.json", mode: 0o644, body: legacy}), s.made)
}

// index adds the image of all platforms, for a registry.
func (d *dist) index() error {
	if len(d.images) == 0 {
		return nil
	}
	var each []descriptor
	var blobs []blob
	for _, i := range d.images {
		at := i.manifest.descriptor()
		at.Platform = platformOf(i.platform)
		each = append(each, at)
		blobs = append(blobs, i.manifest, i.config, i.layer)
	}
	raw, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": typeIndex, "manifests": each, "annotations": d.images[0].labels,
	})
	if err != nil {
		return err
	}
	all := blob{typeIndex, raw}
	at := all.descriptor()
	at.Annotations = named(d.settings)
	files, err := layout([]descriptor{at}, append(blobs, all)...)
	if err != nil {
		return err
	}
	body, err := tarball(files, d.made)
	if err != nil {
		return err
	}
	d.manifest.Index = all.digest()
	return d.add(d.name()+".oci.tar", "image-index", "", body)
}

// named are the names that a layout gives to an image: the first is of containerd, the second of the specification.
func named(s settings) map[string]string {
	return map[string]string{"io.containerd.image.name": "docker.io/library/identityd:" + s.version, "org.opencontainers.image.ref.name": s.version}
}

func platformOf(platform string) map[string]string {
	goos, goarch, _ := strings.Cut(platform, "/")
	return map[string]string{"os": goos, "architecture": goarch}
}

func pathOf(b blob) string { return "blobs/sha256/" + strings.TrimPrefix(b.digest(), "sha256:") }

// layout are the files of an OCI layout. Folders have entries of their own, as podman wants them.
func layout(top []descriptor, blobs ...blob) ([]entry, error) {
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": typeIndex, "manifests": top})
	if err != nil {
		return nil, fmt.Errorf("writing the index: %w", err)
	}
	out := []entry{
		{name: "blobs/", mode: 0o755},
		{name: "blobs/sha256/", mode: 0o755},
		{name: "index.json", mode: 0o644, body: index},
		{name: "oci-layout", mode: 0o644, body: []byte(`{"imageLayoutVersion":"1.0.0"}`)},
	}
	for _, b := range blobs {
		out = append(out, entry{name: pathOf(b), mode: 0o644, body: b.body})
	}
	return out, nil
}
