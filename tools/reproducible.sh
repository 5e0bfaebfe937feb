#!/usr/bin/env bash
# Builds what git knows of this repository in two other folders, of different names and depths, and compares the bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/identityd-reproducible.XXXXXX")
trap 'rm -rf "$work"' EXIT
for folder in "$work/a" "$work/another folder/deeper/b"; do
  mkdir -p "$folder"
  git ls-files -z | tar --null -T - -cf - | tar -xf - -C "$folder"
  make -s -C "$folder" build VERSION=reproducible
done
first=$(sha256sum <"$work/a/bin/identityd")
second=$(sha256sum <"$work/another folder/deeper/b/bin/identityd")
if [ "$first" != "$second" ]; then
  echo "reproducible: two builds of the same sources differ" >&2
  cmp "$work/a/bin/identityd" "$work/another folder/deeper/b/bin/identityd" >&2 || true
  exit 1
fi
if grep -q -a -F "$work" "$work/a/bin/identityd"; then
  echo "reproducible: the binary names the folder that it was built in" >&2
  exit 1
fi
echo "reproducible: two builds in different folders are the same ${first%% *}"
