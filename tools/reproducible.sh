#!/usr/bin/env bash
# Makes the release of the commit that is checked out twice and compares every byte of both: in folders of other names
# and depths, under other umasks, time zones and languages, at other times, from sources with other dates, and with
# COLD=1 the second time with a cache of its own, so that everything is compiled again. PLATFORMS narrows it.
#
#   tools/reproducible.sh                            all platforms, the cache of this machine
#   COLD=1 PLATFORMS=linux/amd64 tools/reproducible.sh
set -euo pipefail
cd "$(dirname "$0")/.."
version=${VERSION:-0.0.0-reproducible}
platforms=${PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}
work=$(mktemp -d "${TMPDIR:-/tmp}/identityd-reproducible.XXXXXX")
trap 'rm -rf "$work"' EXIT
one="$work/a" other="$work/another folder/deeper/b"

git clone -q --no-hardlinks . "$one"
commit=$(git -C "$one" rev-parse HEAD)
(umask 022 && cd "$one" && TZ=UTC0 LC_ALL=C make -s release VERSION="$version" PLATFORMS="$platforms")

mkdir -p "$(dirname "$other")"
# Of the first one: whoever commits meanwhile changes nothing here.
(umask 077 && git clone -q --no-hardlinks "$one" "$other")
find "$other" -name .git -prune -o -type f -exec touch -d '2001-02-03 04:05:06' {} +
if [ -n "${COLD:-}" ]; then
  export GOCACHE="$work/cache"
fi
(umask 077 && cd "$other" && TZ=Pacific/Chatham LC_ALL=de_DE.UTF-8 make -s release VERSION="$version" PLATFORMS="$platforms")

failed=0
if ! diff <(cd "$one/dist" && ls) <(cd "$other/dist" && ls); then
  failed=1
fi
for file in "$one"/dist/*; do
  cmp "$file" "$other/dist/$(basename "$file")" || failed=1
done
(cd "$other/dist" && sha256sum --quiet -c SHA256SUMS) || failed=1
if grep -r -q -a -F "$work" "$one/dist" "$other/dist"; then
  echo "reproducible: a file names the folder that it was made in" >&2
  failed=1
fi
for archive in "$one"/dist/*-linux-*.tar.gz "$one"/dist/*-darwin-*.tar.gz; do
  if [ -e "$archive" ] && tar -xzOf "$archive" --wildcards '*/identityd' | grep -q -a -F "$work"; then
    echo "reproducible: $archive has a program that names the folder that it was made in" >&2
    failed=1
  fi
done
if [ "$failed" != 0 ]; then
  echo "reproducible: two releases of $commit differ" >&2
  exit 1
fi
cat "$one/dist/SHA256SUMS"
echo "reproducible: two releases of $commit are the same, $(find "$one/dist" -type f | wc -l) files, $(du -sm "$one/dist" | cut -f1) MB${COLD:+, everything compiled twice}"
