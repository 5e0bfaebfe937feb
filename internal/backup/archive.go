package backup

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// pack writes the files of a backup into one, the manifest first: who unpacks it knows what to expect.
func pack(folder, to string, m Manifest) error {
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("packing the backup: %w", err)
	}
	defer out.Close()
	compressed := gzip.NewWriter(out)
	archive := tar.NewWriter(compressed)
	names := []string{manifestFile}
	for _, f := range m.Files {
		names = append(names, f.Name)
	}
	for _, name := range names {
		if err := packFile(archive, folder, name, m); err != nil {
			return fmt.Errorf("packing the backup: %w", err)
		}
	}
	if err := errors.Join(archive.Close(), compressed.Close(), out.Sync()); err != nil {
		return fmt.Errorf("packing the backup: %w", err)
	}
	return nil
}

func packFile(archive *tar.Writer, folder, name string, m Manifest) error {
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: m.MadeAt, Format: tar.FormatPAX}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(archive, f)
	return err
}

// unpack writes the files of an archive into a folder: those that its manifest lists, as large as it
// says, and no others.
func unpack(from, folder string) (Manifest, error) {
	in, err := os.Open(from)
	if err != nil {
		return Manifest{}, fmt.Errorf("opening the backup: %w", err)
	}
	defer in.Close()
	compressed, err := gzip.NewReader(in)
	if err != nil {
		return Manifest{}, fmt.Errorf("unpacking %s: it is no .tar.gz: %w", from, err)
	}
	archive := tar.NewReader(compressed)
	first, err := archive.Next()
	if err != nil || first.Name != manifestFile {
		return Manifest{}, fmt.Errorf("unpacking %s: it is no backup of identityd, which begins with %s", from, manifestFile)
	}
	m, err := readManifest(archive)
	if err != nil {
		return Manifest{}, fmt.Errorf("unpacking %s: %w", from, err)
	}
	for _, want := range m.Files {
		header, err := archive.Next()
		if err != nil {
			return Manifest{}, fmt.Errorf("unpacking %s: it ends before %s: %w", from, want.Name, err)
		}
		if header.Name != want.Name || header.Size != want.Bytes {
			return Manifest{}, fmt.Errorf("unpacking %s: got %q with %d bytes, its manifest says %s with %d",
				from, header.Name, header.Size, want.Name, want.Bytes)
		}
		if err := receive(filepath.Join(folder, want.Name), archive, want.Bytes); err != nil {
			return Manifest{}, fmt.Errorf("unpacking %s: %w", from, err)
		}
	}
	return m, nil
}

// receive writes exactly n bytes into a new file for its owner alone.
func receive(path string, from io.Reader, n int64) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.CopyN(out, from, n); err != nil {
		out.Close()
		return err
	}
	return errors.Join(out.Sync(), out.Close())
}
