#!/usr/bin/env bash
# Runs every fuzzer of the repository, found by their names so that none is forgotten, and prints one line each:
#
#   tools/fuzz.sh 60s            each for a minute
#   tools/fuzz.sh 1h 'Consent'   those whose name matches, for an hour
#
# A package is built once for all of its fuzzers. An input that fails is kept in testdata/fuzz of its package, where
# go test runs it from then on. FUZZ_WORKERS says how many run at once within a fuzzer (as many as there are cores).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
time=${1:-${IDENTITYD_FUZZTIME:-60s}}
only=${2:-.}
tags=$(sed -n 's/^TAGS *:= *//p' Makefile)
bin=$(mktemp -d "${TMPDIR:-/tmp}/identityd-fuzz.XXXXXX")
trap 'rm -rf "$bin"' EXIT
cache=$(go env GOCACHE)/fuzz
failed=0 ran=0

printf '%-22s %-42s %10s %8s  %s\n' package fuzzer runs inputs result
while read -r package; do
  names=$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' "$package"/*_test.go | grep -E "$only" | sort -u)
  [ -n "$names" ] || continue
  binary=$bin/$(echo "$package" | tr / -).test
  if ! (cd "$package" && go test -tags "$tags" -c -fuzz=. -o "$binary" .) >"$bin/log" 2>&1; then
    cat "$bin/log"
    failed=1
    continue
  fi
  for name in $names; do
    ran=$((ran + 1))
    result=ok
    # Minimizing may take longer than the run itself.
    (cd "$package" && "$binary" -test.run='^$' -test.fuzz="^$name\$" -test.fuzztime="$time" -test.fuzzminimizetime=10x \
      -test.fuzzcachedir="$cache/$package" ${FUZZ_WORKERS:+-test.parallel="$FUZZ_WORKERS"}) >"$bin/log" 2>&1 || { result=FAILED; failed=1; }
    runs=$(sed -n 's/.*execs: \([0-9]*\) .*/\1/p' "$bin/log" | tail -1)
    inputs=$(sed -n 's/.*(total: \([0-9]*\)).*/\1/p' "$bin/log" | tail -1)
    printf '%-22s %-42s %10s %8s  %s\n' "${package#./internal/}" "$name" "${runs:-0}" "${inputs:-0}" "$result"
    [ "$result" = ok ] || grep -v '^fuzz: elapsed' "$bin/log" | head -40
  done
done < <(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u)
[ "$ran" -gt 0 ] || { echo "fuzz: no fuzzer matches $only" >&2; exit 1; }
exit "$failed"
