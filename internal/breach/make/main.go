// Command make writes list.bin of lists of passwords, a password a line, the most used one first:
//
//	go run ./internal/breach/make -stems 40000 -o internal/breach/list.bin top-1000000.txt more.txt
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"example.com/identityd/internal/breach"
)

func main() {
	stems := flag.Int("stems", 40000, "how many of the shorter words of each list to take")
	out := flag.String("o", "internal/breach/list.bin", "the file to write")
	flag.Parse()
	if err := run(*stems, *out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(stems int, out string, lists []string) error {
	entries := map[string]bool{}
	for _, name := range lists {
		if err := read(name, stems, entries); err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
	}
	keys := make([][]byte, 0, len(entries))
	for entry := range entries {
		keys = append(keys, breach.Key(entry))
	}
	slices.SortFunc(keys, bytes.Compare)
	keys = slices.CompactFunc(keys, bytes.Equal)
	slog.New(slog.NewTextHandler(os.Stderr, nil)).Info("wrote the list", "entries", len(keys))
	return os.WriteFile(out, bytes.Join(keys, nil), 0o644) //nolint:gosec // a file of the source
}

func read(name string, stems int, entries map[string]bool) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		entry, ok := breach.Entry(line)
		if !ok || !utf8.ValidString(line) {
			continue
		}
		if strings.HasPrefix(entry, "stem") {
			if stems == 0 {
				continue
			}
			stems--
		}
		entries[entry] = true
	}
	return lines.Err()
}
