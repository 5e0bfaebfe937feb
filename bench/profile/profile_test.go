package profile

import (
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// The process that is profiled is this one, and a goroutine stands for what is laid over the program.
func TestAProfileIsThereWhenTheWorkIsDone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "profile")
	asked := make(chan os.Signal, 2)
	signal.Notify(asked, syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(asked)
	began := make(chan struct{})
	go func() {
		<-asked
		close(began)
		<-asked
		if err := os.WriteFile(file, []byte("a"), 0o600); err != nil {
			t.Error(err)
		}
	}()
	worked := false
	err := Of(t.Context(), os.Getpid(), file, func() error { <-began; worked = true; return nil })
	if err != nil || !worked {
		t.Errorf("got %v and worked %t, want a profile of the work", err, worked)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}
