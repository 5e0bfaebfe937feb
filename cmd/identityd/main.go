// Command identityd runs Ory Hydra, Ory Kratos and their pages in one process.
package main

import (
	"os"

	"example.com/identityd/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
