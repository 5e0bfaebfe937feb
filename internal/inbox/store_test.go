package inbox

import (
	"fmt"
	"strings"
	"testing"

	"example.com/identityd/internal/identity"
)

func TestStoreKeepsTheLast(t *testing.T) {
	tests := map[string]struct {
		mails, size int
		want        int
	}{
		"of a few mails, all":                       {mails: 3, size: 10, want: 3},
		"of as many as there is room for, all":      {mails: 200, size: 10, want: 200},
		"of many mails, two hundred":                {mails: 450, size: 10, want: 200},
		"of large mails, those that fit the sum":    {mails: 100, size: 1 << 20, want: 31},
		"of the largest that may be parsed, enough": {mails: 40, size: 2 << 20, want: 15},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var s store
			for i := range tt.mails {
				s.add(identity.Mail{ID: fmt.Sprint(i), Subject: "s", Text: strings.Repeat("x", tt.size)})
			}
			got := s.mails()
			if len(got) != tt.want {
				t.Fatalf("got %d mails, want %d", len(got), tt.want)
			}
			for i, m := range got {
				if want := fmt.Sprint(tt.mails - 1 - i); m.ID != want {
					t.Fatalf("got mail %s at %d, want %s: newest first", m.ID, i, want)
				}
			}
			if _, ok := s.mail(fmt.Sprint(tt.mails - tt.want)); !ok {
				t.Error("the oldest that was kept cannot be found")
			}
			if _, ok := s.mail(fmt.Sprint(tt.mails - tt.want - 1)); ok {
				t.Error("one that was dropped can be found")
			}
			if want := tt.want * (tt.size + 1); s.total != want {
				t.Errorf("got a sum of %d, want %d", s.total, want)
			}
		})
	}
}
