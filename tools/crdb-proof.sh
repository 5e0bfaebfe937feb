#!/usr/bin/env bash
# Runs the whole CockroachDB suite of identityd and writes one result file to send back:
# crdb-proof/cockroachdb-<version>.json. It needs Go and a CockroachDB, and downloads none of the latter:
#
#   COCKROACH_BINARY=/path/to/cockroach make crdb-proof      everything; it starts and kills nodes of its own
#   IDENTITYD_TEST_CRDB_DSN='cockroach://root@host:26257/?sslmode=...' make crdb-proof
#                                                            a cluster of yours: two databases named
#                                                            identityd_suite_* and others are made and dropped;
#                                                            what has to kill nodes is skipped
#
# Half an hour to two hours, 8 GB of memory, 10 GB of disk in $TMPDIR. Exit 0 when the version passed.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "crdb-proof: $1" >&2
  exit 1
}

command -v go >/dev/null || fail "Go is missing: install the version that go.mod names, see https://go.dev/dl"

mode=url
if [ -z "${IDENTITYD_TEST_CRDB_DSN:-}" ]; then
  mode=binary
  COCKROACH_BINARY=${COCKROACH_BINARY:-$(command -v cockroach || true)}
  [ -n "$COCKROACH_BINARY" ] || fail "CockroachDB is missing: put cockroach into PATH, set COCKROACH_BINARY to it, \
or set IDENTITYD_TEST_CRDB_DSN to the cockroach:// URL of a user who may create databases"
fi
if [ -n "${COCKROACH_BINARY:-}" ]; then
  [ -x "$COCKROACH_BINARY" ] || fail "COCKROACH_BINARY is not a program: $COCKROACH_BINARY"
  # Absolute: the tests run in another folder.
  COCKROACH_BINARY=$(cd "$(dirname "$COCKROACH_BINARY")" && pwd)/$(basename "$COCKROACH_BINARY")
  export COCKROACH_BINARY
  tag=$("$COCKROACH_BINARY" version --build-tag 2>&1) || fail "COCKROACH_BINARY does not run: $tag"
  echo "crdb-proof: $tag at $COCKROACH_BINARY"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/crdb-proof.XXXXXX")
# Nodes that a crashed test left behind have written their ids here, because their data is below TMPDIR.
# shellcheck disable=SC2317  # the trap calls it
tidy() {
  find "$work" -name '*.pid' -exec cat {} + 2>/dev/null | while read -r pid; do
    # The number may be another program's by now.
    case $(ps -p "$pid" -o comm= 2>/dev/null) in *cockroach*) kill -9 "$pid" || true ;; esac
  done
  rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM

commit=$(git describe --tags --always --dirty 2>/dev/null || echo unknown)
tags=$(sed -n 's/^TAGS *:= *//p' Makefile)
folder=${CRDB_PROOF_FOLDER:-crdb-proof}
go build -o "$work/report" ./internal/crdbtest/report

# A version that cannot be proven has a result too: what failed is the news.
echo "crdb-proof: running the suite; go test tells nothing until a test is over"
code=0
TMPDIR=$work go test -json -count=1 -p 1 -timeout 6h -tags "$tags" \
  ${CRDB_PROOF_RUN:+-run "$CRDB_PROOF_RUN"} ./internal/crdbtest >"$work/events.json" 2>"$work/errors.txt" || code=$?
cat "$work/errors.txt" >&2
"$work/report" -folder "$folder" -identityd "$commit" -mode "$mode" <"$work/events.json" || code=1
echo "crdb-proof: send $folder back, or commit its file to internal/proof/results (docs/cockroachdb.md)"
exit "$code"
