package doctor_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/doctor"
)

func TestWhatTheFileDeclares(t *testing.T) {
	var many []doctor.Declared
	for range 7 {
		many = append(many, doctor.Declared{What: "client x", Drift: true})
	}
	tests := map[string]struct {
		list []doctor.Declared
		err  error
		want []doctor.Finding
	}{
		"nothing differs": {nil, nil, nil},
		"a change by hand, one that left, and one that is new": {
			[]doctor.Declared{
				{What: "client shop", Drift: true, By: "admin:deploy"}, {What: "identity ada", HeldBack: true}, {What: "client new"},
			},
			nil,
			[]doctor.Finding{
				doctor.Warningf("client shop (by admin:deploy): changed by hand").
					Cured("write it into the file, or take it back with identityd apply; identityd plan shows it"),
				doctor.Warningf("identity ada: left the file, and kept because so much left it at once").
					Cured("look at identityd plan, and remove it with identityd apply"),
				doctor.Warningf("client new: not as the file says").Cured("look at identityd plan; identityd apply does it"),
			},
		},
		"many": {many, nil, []doctor.Finding{
			doctor.Warningf("client x, client x, client x, client x, client x and 2 others: changed by hand").
				Cured("write it into the file, or take it back with identityd apply; identityd plan shows it"),
		}},
		"no answer": {nil, errors.New("the file is broken"), []doctor.Finding{doctor.Skippedf("identityd plan does not work: the file is broken")}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := subject(t, nil)
			s.Process = &doctor.Process{}
			s.Engines.Declared = func(context.Context) ([]doctor.Declared, error) { return tt.list, tt.err }
			for _, c := range doctor.All() {
				if c.Area == doctor.Clients && c.Name == "declared" {
					if diff := cmp.Diff(tt.want, c.Run(t.Context(), s)); diff != "" {
						t.Error(diff)
					}
					return
				}
			}
			t.Fatal("the check is not among all")
		})
	}
}
