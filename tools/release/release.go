package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// dist is a release that is being made.
type dist struct {
	settings
	// at is a folder beside the one that is wanted, which takes its place at the end.
	at       string
	manifest manifest
	images   []image
}

// release makes all files, then puts them in the place of those of before.
func (s settings) release(ctx context.Context) error {
	work, err := os.MkdirTemp("", "identityd-release-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // of a temporary folder
	d := &dist{settings: s, at: s.folder + ".making", manifest: newManifest(s)}
	if err := errors.Join(os.RemoveAll(d.at), os.MkdirAll(d.at, 0o755)); err != nil { //nolint:gosec // for everybody to read
		return err
	}
	own, err := s.build(ctx, host(), work)
	if err != nil {
		return err
	}
	shared, err := s.shared(ctx, own, work)
	if err != nil {
		return err
	}
	vex, err := os.ReadFile("security/vex.json")
	if err != nil {
		return err
	}
	shared = append(shared, entry{name: "identityd.vex.json", mode: 0o644, body: vex})
	for _, platform := range s.platforms {
		if err := d.platform(ctx, platform, work, shared); err != nil {
			return err
		}
	}
	if err := d.add(s.name()+".vex.json", "vex", "", vex); err != nil {
		return err
	}
	if err := d.index(); err != nil {
		return err
	}
	if err := d.sources(ctx); err != nil {
		return err
	}
	if err := d.finish(ctx, own); err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(s.folder), os.Rename(d.at, s.folder)); err != nil {
		return err
	}
	return s.signed(ctx)
}

// name begins the names of all files.
func (s settings) name() string { return "identityd-" + s.version }

// platform makes what there is for one platform.
func (d *dist) platform(ctx context.Context, platform, work string, shared []entry) error {
	fmt.Fprintln(os.Stderr, "release:", platform)
	binary, err := d.build(ctx, platform, work)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	bill, err := d.bill(ctx, binary, work)
	if err != nil {
		return err
	}
	name := d.name() + "-" + strings.ReplaceAll(platform, "/", "-")
	all := append([]entry{
		{name: filepath.Base(binary), mode: 0o755, body: raw},
		{name: "identityd.cdx.json", mode: 0o644, body: bill},
	}, shared...)
	d.manifest.Binaries = append(d.manifest.Binaries, binaryOf(platform, filepath.Base(binary), raw))
	if err := d.add(name+".cdx.json", "sbom", platform, bill); err != nil {
		return err
	}
	if strings.HasPrefix(platform, "windows/") {
		body, err := zipped(below(name, all), d.made)
		if err != nil {
			return err
		}
		return d.add(name+".zip", "archive", platform, body)
	}
	body, err := tarball(below(name, all), d.made)
	if err != nil {
		return err
	}
	if body, err = squeeze(body); err != nil {
		return err
	}
	if err := d.add(name+".tar.gz", "archive", platform, body); err != nil || !strings.HasPrefix(platform, "linux/") {
		return err
	}
	img, err := newImage(d.settings, platform, raw)
	if err != nil {
		return err
	}
	d.images = append(d.images, img)
	d.manifest.Images = append(d.manifest.Images, imageFact{Platform: platform, Digest: img.manifest.digest()})
	if body, err = img.archive(d.settings); err != nil {
		return err
	}
	return d.add(name+".oci.tar", "image", platform, body)
}

// sources packs the commit. A tree with changes is no commit, and what would be packed is not what was built.
func (d *dist) sources(ctx context.Context) error {
	if d.dirty {
		return nil
	}
	raw, err := output(ctx, "git", "-c", "tar.umask=0022", "archive", "--format=tar", "--prefix="+d.name()+"/", d.commit)
	if err != nil {
		return err
	}
	body, err := squeeze([]byte(raw))
	if err != nil {
		return err
	}
	return d.add(d.name()+"-source.tar.gz", "source", "", body)
}

// signed gives the file of checksums to the command of SIGN, which asks for its key by itself.
func (s settings) signed(ctx context.Context) error {
	if s.sign == "" {
		return nil
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", s.sign+` "$1"`, "sign", filepath.Join(s.folder, sumsName)) //nolint:gosec // it is what was asked for
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("signing %s by %q: %w", sumsName, s.sign, err)
	}
	return nil
}
