package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestTheDocumentIsPrinted runs it over the files of the repository: every operation that it names has to be
// counted, and the document needs the lines between which it prints.
func TestTheDocumentIsPrinted(t *testing.T) {
	t.Chdir("../../..")
	var out bytes.Buffer
	f := files{
		counts: "internal/stacktest/testdata/statements-postgres.json", latency: "internal/scaling/testdata/latency.json",
		measured: "internal/scaling/testdata/measured.json", mix: "internal/scaling/testdata/mix.json", schemas: "internal/baseline/sql",
	}
	if err := f.print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| sign-in at an application, with consent |", "From us-east-1,", "| 1e+09 |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in what is printed", want)
		}
	}
	doc, err := os.ReadFile("docs/scaling.md")
	if err != nil {
		t.Fatal(err)
	}
	again, err := between(doc, out.Bytes())
	if err != nil || !bytes.Contains(again, out.Bytes()) {
		t.Errorf("docs/scaling.md cannot be written: %v", err)
	}
	if _, err := between([]byte("nothing"), nil); err == nil {
		t.Error("a document without the lines was written")
	}
}
