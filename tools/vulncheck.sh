#!/usr/bin/env bash
# Runs govulncheck of a pinned version over the program. What it finds is compared with security/vex.json by a person:
# a finding that is not there fails. Exit 0 with a line SKIP where the database cannot be reached.
set -euo pipefail
cd "$(dirname "$0")/.."
version=v1.9.0
database=${GOVULNDB:-https://vuln.go.dev}
case $database in
https://*)
  if ! curl -fsS --max-time 10 -o /dev/null "$database/index/modules.json.gz"; then
    echo "SKIP: $database cannot be reached from here; run make vulncheck where it can, or set GOVULNDB to a copy (file:///...)"
    exit 0
  fi
  ;;
esac
tags=$(sed -n 's/^TAGS *:= *//p' Makefile)
report=$(mktemp)
trap 'rm -f "$report"' EXIT
GOFLAGS=-mod=mod go run "golang.org/x/vuln/cmd/govulncheck@$version" -db "$database" -tags "$tags" -format json ./cmd/identityd >"$report"
# In this format findings end no run; those with a function in their trace are reached.
found=$(grep -o '"osv": *"GO-[0-9-]*"' "$report" | grep -o 'GO-[0-9-]*' | sort -u)
failed=0
for id in $found; do
  if grep -q "\"$id\"" security/vex.json; then
    echo "$id: stated in security/vex.json"
  else
    echo "$id: found and not stated; raise the module, or judge it (docs/security.md, Supply chain)"
    failed=1
  fi
done
[ -n "$found" ] || echo "nothing found"
exit "$failed"
