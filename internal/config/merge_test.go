package config

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// differentEverywhere fills each word with something else, by its kind.
func differentEverywhere(t *testing.T) Config {
	t.Helper()
	out := defaults(Production)
	v := reflect.ValueOf(&out).Elem()
	for _, k := range vocabulary() {
		f := v.FieldByIndex(k.index)
		switch {
		case k.shape == section:
		case f.Kind() == reflect.Bool:
			f.SetBool(!f.Bool())
		case f.CanInt():
			f.SetInt(f.Int() + 1)
		case f.CanFloat():
			f.SetFloat(f.Float() + 1)
		case f.Kind() == reflect.String:
			f.SetString(f.String() + "other")
		case f.Kind() == reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 3, 3))
		case f.Kind() == reflect.Map:
			m := reflect.MakeMap(f.Type())
			m.SetMapIndex(reflect.ValueOf("other").Convert(f.Type().Key()), reflect.Zero(f.Type().Elem()))
			f.Set(m)
		case f.Type() == reflect.TypeFor[Secret]():
			f.Set(reflect.ValueOf(NewSecret("other")))
		case f.Type() == reflect.TypeFor[DSN]():
			f.Set(reflect.ValueOf(NewDSN("sqlite://other")))
		case f.Type() == reflect.TypeFor[SMTPURL]():
			f.Set(reflect.ValueOf(NewSMTPURL("smtp://other")))
		case f.Type() == reflect.TypeFor[Address]():
			a, err := ParseAddress("127.0.0.1:9")
			if err != nil {
				t.Fatal(err)
			}
			f.Set(reflect.ValueOf(a))
		default:
			t.Fatalf("%s is a %s, which this test knows nothing of", k.path, f.Type())
		}
	}
	return out
}

func TestOnlyTheWordsThatAreTakenChange(t *testing.T) {
	before, next := defaults(Production), differentEverywhere(t)
	was, is := before.Fingerprints(), next.Fingerprints()
	for _, word := range Vocabulary() {
		if was[word] == is[word] {
			t.Fatalf("%s is the same in both", word)
		}
		got := before.Taking(next, []string{word}).Fingerprints()
		want := before.Fingerprints()
		want[word] = is[word]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("taking %s: %s", word, diff)
		}
	}
	if diff := cmp.Diff(is, before.Taking(next, Vocabulary()).Fingerprints()); diff != "" {
		t.Errorf("taking all: %s", diff)
	}
}

func TestTheFilesOfTheBrandGoWithTheirWords(t *testing.T) {
	before, next := defaults(Production), defaults(Production)
	next.UI.Brand = Brand{Logo: Image{Data: []byte("logo")}, Favicon: Image{Data: []byte("icon")}, CSS: []byte("css")}
	if got := before.Taking(next, nil).UI.Brand; got.Logo.Data != nil || got.Favicon.Data != nil || got.CSS != nil {
		t.Errorf("nothing was taken: got %+v", got)
	}
	got := before.Taking(next, []string{"ui.brand.logo_file", "ui.brand.css_file"}).UI.Brand
	if string(got.Logo.Data) != "logo" || string(got.CSS) != "css" || got.Favicon.Data != nil {
		t.Errorf("logo and css were taken: got %+v", got)
	}
}
