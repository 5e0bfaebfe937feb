package envy

import "testing"

func TestGet(t *testing.T) {
	t.Setenv("IDENTITYD_TEST_EMPTY", "")
	if got := Get("IDENTITYD_TEST_EMPTY", "other"); got != "" {
		t.Errorf("got %q for a variable that is empty", got)
	}
	if got := Get("IDENTITYD_TEST_NOWHERE", "other"); got != "other" {
		t.Errorf("got %q for a variable that is not set", got)
	}
}

func TestLoadChangesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := Load(".env"); err != nil {
		t.Error(err)
	}
}
