#!/usr/bin/env bash
# Renders the chart with each file of deploy/helm/identityd/examples, and with the values that it has to refuse, and writes what came
# out into internal/charttest/testdata, where quick tests look at it. With --check nothing is written: a difference is an error.
# Building Helm takes minutes, which is why the results are kept (docs/adr/0077-kubernetes.md).
set -euo pipefail
cd "$(dirname "$0")/.."
chart=deploy/helm/identityd
data=internal/charttest/testdata
helm=${HELM:-bin/helm}
if [ "$helm" = bin/helm ]; then
  (cd tools/helm && go build -o ../../bin/helm helm.sh/helm/v3/cmd/helm)
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# Rules and dashboard are copies that change with deploy/monitoring: what is rendered here has short ones, and tests look at the real ones.
cp -R "$chart" "$out/chart"
echo 'groups: []' >"$out/chart/files/identityd.rules.yaml"
echo '{}' >"$out/chart/files/grafana-dashboard.json"
# Helm alone says 1.20; nothing that is rendered differs between versions.
render() { "$helm" template identityd "$out/chart" --kube-version 1.36.0 --namespace identityd "$@"; }

mkdir -p "$out/rendered" "$out/refused"
for values in "$chart"/examples/*.yaml; do
  name=$(basename "$values" .yaml)
  render --values "$values" >"$out/rendered/$name.yaml"
  "$helm" lint --strict --kube-version 1.36.0 "$chart" --values "$values" >"$out/lint" || { cat "$out/lint"; exit 1; }
done
for values in "$data"/refused/*.yaml; do
  name=$(basename "$values" .yaml)
  if render --values "$chart/examples/postgres.yaml" --values "$values" >"$out/said" 2>&1; then
    echo "manifests: $values was rendered, and has to be refused"
    exit 1
  fi
  # Where it was noticed moves with every line of a template; what it says does not.
  sed -n 's/^Error: execution error at ([^)]*): //p; /values don.t meet the specifications/,/^$/p' "$out/said" >"$out/refused/$name.txt"
  [ -s "$out/refused/$name.txt" ] || { echo "manifests: $values: $(cat "$out/said")"; exit 1; }
done

if [ "${1-}" = --check ]; then
  diff -ru "$data/rendered" "$out/rendered"
  diff -ru --exclude='*.yaml' "$data/refused" "$out/refused"
  echo "manifests: all is rendered, and refused, as it is kept"
  exit 0
fi
mkdir -p "$data/rendered"
rm -f "$data"/rendered/*.yaml "$data"/refused/*.txt
cp "$out"/rendered/*.yaml "$data/rendered/"
cp "$out"/refused/*.txt "$data/refused/"
go test -count=1 ./internal/charttest -update
