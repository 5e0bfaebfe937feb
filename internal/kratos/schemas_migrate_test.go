package kratos

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTraitsUnderOtherNames(t *testing.T) {
	const traits = `{"email":"a@example.com","name":{"first":"A","last":"B"},"age":12345678901234567890}`
	for name, c := range map[string]struct {
		mapped map[string]string
		want   string
		fault  string
	}{
		"stay without a map":              {nil, traits, ""},
		"go deeper":                       {map[string]string{"email": "contact.mail"}, `{"age":12345678901234567890,"contact":{"mail":"a@example.com"},"name":{"first":"A","last":"B"}}`, ""},
		"come up, and leave no shell":     {map[string]string{"name.first": "first", "name.last": "last"}, `{"age":12345678901234567890,"email":"a@example.com","first":"A","last":"B"}`, ""},
		"change places":                   {map[string]string{"name.first": "name.last", "name.last": "name.first"}, `{"age":12345678901234567890,"email":"a@example.com","name":{"first":"B","last":"A"}}`, ""},
		"are left out":                    {map[string]string{"name": "-", "age": "-"}, `{"email":"a@example.com"}`, ""},
		"that nobody has are none":        {map[string]string{"shoe": "size", "name.middle": "x"}, `{"age":12345678901234567890,"email":"a@example.com","name":{"first":"A","last":"B"}}`, ""},
		"do not overwrite others":         {map[string]string{"age": "email"}, "", "email: there is one already"},
		"do not go into what is no place": {map[string]string{"age": "email.x"}, "", "email.x: what it would be in is a value"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := remapped([]byte(traits), c.mapped)
			if err != nil {
				if diff := cmp.Diff(c.fault, err.Error()); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				return
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" || c.fault != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSchemasThatReferElsewhere(t *testing.T) {
	for raw, want := range map[string]bool{
		`{"a":{"$ref":"#/definitions/x"}}`: false, `{"a":[{"$ref":"http://127.0.0.1/x"}]}`: true, `{"a":{"$ref":"file:///etc/passwd"}}`: true, `nonsense`: true,
	} {
		if got := foreign([]byte(raw)); got != want {
			t.Errorf("%s: got %v, want %v", raw, got, want)
		}
	}
}
