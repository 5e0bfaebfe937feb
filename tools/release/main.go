// Command release makes the folder that a release is published from (make release): archives for each platform, an
// image, the sources, bills of materials, checksums and a manifest. Everything in it follows from the commit.
//
//	release -version 1.4.0 -commit … -date … -tags … -ldflags … [-platforms list] [-dirty] [-sign command] FOLDER
//	release image -version … -commit … -date … -binary FILE -platform linux/amd64 FILE
//
// It runs in the root of the repository, by the same bin/supply that make supply uses.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// settings are what the Makefile says.
type settings struct {
	version, commit, date string
	tags, ldflags         string
	platforms             []string
	dirty                 bool
	sign                  string
	folder                string
	// made is the date of the commit: no file in a release has another one.
	made time.Time
}

func run(ctx context.Context, args []string) error {
	s := settings{}
	var platforms, binary string
	image := len(args) > 0 && args[0] == "image"
	if image {
		args = args[1:]
	}
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.StringVar(&s.version, "version", "", "the version")
	flags.StringVar(&s.commit, "commit", "", "the commit")
	flags.StringVar(&s.date, "date", "", "its date")
	flags.StringVar(&s.tags, "tags", "", "build tags")
	flags.StringVar(&s.ldflags, "ldflags", "", "what the linker gets")
	flags.StringVar(&platforms, "platforms", "", "linux/amd64 and so on, with blanks between")
	flags.BoolVar(&s.dirty, "dirty", false, "allow a tree with changes")
	flags.StringVar(&s.sign, "sign", "", "a command that signs the file it is given")
	flags.StringVar(&binary, "binary", "", "a program (image alone)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("want the folder or the file to write")
	}
	s.folder, s.platforms = flags.Arg(0), strings.Fields(platforms)
	var err error
	if s.made, err = time.Parse(time.RFC3339, s.date); err != nil {
		return fmt.Errorf("DATE must be the date of the commit (got %q): a release is made in a clone, or with COMMIT= and DATE= of its release.json", s.date)
	}
	s.made = s.made.UTC()
	if image {
		if len(s.platforms) != 1 {
			return errors.New("an image is for one platform")
		}
		return writeImage(s, s.platforms[0], binary, s.folder)
	}
	if err := s.check(ctx); err != nil {
		return err
	}
	return s.release(ctx)
}
