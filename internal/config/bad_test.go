package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// leak is the password in every fixture that holds one.
const leak = "hunter2"

func TestEveryMistakeHasItsSentence(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bad.yml")
	if err != nil || len(files) < 30 {
		t.Fatalf("want the fixtures, got %d files, error %v", len(files), err)
	}
	here, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".bad.yml")+" is refused", func(t *testing.T) {
			_, err := config.Load(config.Options{File: file, Dir: ".", AnyMode: true})
			var problems *config.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got error %v, want *config.Problems", err)
			}
			if strings.Contains(err.Error(), leak) {
				t.Errorf("the message holds a secret:\n%v", err)
			}
			got := strings.ReplaceAll(err.Error(), here, "TESTDATA") + "\n"
			golden := strings.TrimSuffix(file, ".yml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("message differs (-want +got):\n%s", diff)
			}
		})
	}
}
