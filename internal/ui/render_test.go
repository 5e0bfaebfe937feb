package ui

import (
	"bytes"
	"testing"
)

func TestNothingOfAPageIsLeftForTheNext(t *testing.T) {
	var b buffers
	first := b.get()
	first.WriteString("the name of somebody")
	held := first.Bytes()
	b.put(first)
	if !bytes.Equal(held, make([]byte, len(held))) {
		t.Errorf("got %q in a buffer that was given back", held)
	}
	if next := b.get(); next.Len() != 0 {
		t.Errorf("got %q, want an empty buffer", next)
	}
	long := bytes.NewBuffer(make([]byte, 0, largestKept+1))
	b.put(long)
	for range 4 {
		if b.get() == long {
			t.Error("a buffer of any length is kept")
		}
	}
}
