#!/usr/bin/env bash
# go test that runs a failed test once more by itself, and keeps a line about it in bin/unsteady
# (docs/adr/0081-what-failed-is-run-again.md). Arguments are those of go test.
set -uo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
flags=() packages=()
for argument; do
  case $argument in
  . | ./* | example.com/*) packages+=("$argument") ;;
  *) flags+=("$argument") ;;
  esac
done
mkdir -p "$here/bin/unsteady"
# A race is none of what is run again, and neither is what fails at many places: that is a fault of the change.
exec "$here/bin/gotestsum" --format standard-quiet --hide-summary skipped \
  --rerun-fails=1 --rerun-fails-max-failures=4 --rerun-fails-run-root-test --rerun-fails-abort-on-data-race \
  --rerun-fails-report "$here/bin/unsteady/$$.txt" --packages "${packages[*]}" -- "${flags[@]}"
