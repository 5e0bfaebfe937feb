#!/usr/bin/env bash
# Installs what the bench needs beside Go, and runs it with the given arguments.
set -euo pipefail
cd "$(dirname "$0")/../bench"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

missing=()
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null || missing+=(postgresql)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
if [ "${#missing[@]}" -gt 0 ]; then
  as_root apt-get update -q
  # Without a cluster of its own: the bench starts its own.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

mkdir -p ../bin
go build -o ../bin/bench-run .
exec ../bin/bench-run "$@"
