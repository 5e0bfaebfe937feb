// Command bench measures identityd and the official set-up in one run (docs/performance.md).
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"example.com/identityd/bench/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command.Main(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
