#!/usr/bin/env bash
# Starts the API server of Kubernetes with its etcd (both built from their Go modules, tools/apiserver), and shows it everything that the
# chart renders: admission, defaults and validation are those of a cluster. Nothing is ever run by it. For .ci/long: building takes
# six minutes of CPU. APISERVER and ETCD name programs that are there already.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v kubectl >/dev/null || { echo "SKIP: kubectl is not here: apt-get install kubectl"; exit 0; }
command -v openssl >/dev/null || { echo "SKIP: openssl is not here"; exit 0; }
work=$(mktemp -d)
pids=()
trap 'kill -9 "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
etcd=${ETCD:-$work/etcd} apiserver=${APISERVER:-$work/apiserver}
# Helm asks for it, and a build without says nothing that it understands.
number=$(cd tools/apiserver && go list -m -f '{{.Version}}' k8s.io/kubernetes)
version="-X k8s.io/component-base/version.gitVersion=$number -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$(cut -d. -f2 <<<"$number")"
[ -n "${ETCD-}" ] || (cd tools/apiserver && go build -o "$work/etcd" ./etcd)
[ -n "${APISERVER-}" ] || (cd tools/apiserver && go build -ldflags "$version" -o "$work/apiserver" ./apiserver)

mkdir "$work/data"
openssl genrsa -out "$work/sa.key" 2048 2>/dev/null
openssl rsa -in "$work/sa.key" -pubout -out "$work/sa.pub" 2>/dev/null
token=$(openssl rand -hex 16)
echo "$token,admin,admin,system:masters" >"$work/tokens"
free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
store=$(free) port=$(free)
"$etcd" "$work/data" "$store" >"$work/etcd.log" 2>&1 &
pids+=($!)
"$apiserver" --etcd-servers "http://127.0.0.1:$store" --secure-port "$port" --bind-address 127.0.0.1 --cert-dir "$work/certs" \
  --service-account-key-file "$work/sa.pub" --service-account-signing-key-file "$work/sa.key" --service-account-issuer https://kubernetes.default.svc \
  --service-cluster-ip-range 10.96.0.0/16 --token-auth-file "$work/tokens" --authorization-mode RBAC --disable-admission-plugins ServiceAccount \
  >"$work/apiserver.log" 2>&1 &
pids+=($!)
k() { kubectl --server "https://127.0.0.1:$port" --token "$token" --insecure-skip-tls-verify --cache-dir "$work/cache" "$@"; }
for i in $(seq 120); do
  k get --raw /readyz >/dev/null 2>&1 && break
  [ "$i" != 120 ] || { tail -20 "$work/apiserver.log"; echo "apiserver: it did not become ready"; exit 1; }
  sleep 1
done
echo "apiserver: $(k version -o json 2>/dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)["serverVersion"]["gitVersion"])')"
module() { (cd tools/apiserver && go mod download -json "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])'); }
gateway=$(module sigs.k8s.io/gateway-api@v1.4.1) operator=$(module github.com/prometheus-operator/prometheus-operator@v0.85.0)
for crd in "$gateway/config/crd/standard/gateway.networking.k8s.io_httproutes.yaml" \
  "$operator/example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml" \
  "$operator/example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"; do
  k create -f "$crd" >/dev/null
done
k wait --for condition=established crd --all --timeout=120s >/dev/null
# The strictest of the pod security standards, as in deploy/kubernetes.
k create -f deploy/kubernetes/postgres/namespace.yaml >/dev/null
failed=0
show() {
  if ! k apply --server-side --dry-run=server --validate=strict "$@" >"$work/out" 2>&1 || grep -qi "warning" "$work/out"; then
    failed=1
    echo "apiserver: $*:"
    cat "$work/out"
  else
    echo "apiserver: $*: $(wc -l <"$work/out") taken"
  fi
}
for file in internal/charttest/testdata/rendered/*.yaml; do show -f "$file"; done
for folder in deploy/kubernetes/*/; do show -k "$folder"; done
# What it goes by is not air: these have to be refused.
for change in 's/runAsNonRoot: true/runAsNonRoot: false/' 's/drop: \[ALL\]/add: [NET_ADMIN]/' 's/maxUnavailable: 0/maxUnavailble: 0/' 's/port: 3000/port: 300000/' 's/restartPolicy: Never/restartPolicy: OnFailure/'; do
  sed "$change" internal/charttest/testdata/rendered/postgres.yaml >"$work/changed.yaml"
  if k apply --server-side --dry-run=server --validate=strict -f "$work/changed.yaml" >"$work/out" 2>&1 && ! grep -q "would violate PodSecurity" "$work/out"; then
    failed=1
    echo "apiserver: $change was taken"
  fi
done

# A release over its life, by Helm itself (tools/manifests.sh builds it). No controller runs: objects are there, pods are not.
helm=${HELM:-bin/helm}
if [ ! -x "$helm" ]; then
  echo "SKIP: $helm is not here; tools/manifests.sh builds it"
  exit "$failed"
fi
cat >"$work/kubeconfig" <<EOF
apiVersion: v1
kind: Config
clusters: [{ name: here, cluster: { server: "https://127.0.0.1:$port", insecure-skip-tls-verify: true } }]
users: [{ name: admin, user: { token: $token } }]
contexts: [{ name: here, context: { cluster: here, user: admin, namespace: identityd } }]
current-context: here
EOF
release() { "$helm" --kubeconfig "$work/kubeconfig" --namespace identityd "$@" >"$work/out" 2>&1 || { echo "apiserver: helm $*:"; cat "$work/out"; exit 1; }; }
chart=deploy/helm/identityd
values="$chart/examples/postgres.yaml"
jobs() { k -n identityd get jobs -o name; }
rolled() { k -n identityd get deployment identityd -o 'jsonpath={.spec.template}' | sha256sum; }
expect() { test "$2" "$3" "$4" || { failed=1; echo "apiserver: $1: got $2 $3 $4"; }; }
release upgrade --install identityd "$chart" --values "$values"
grep -q 'has to be$' "$work/out" || { failed=1; echo "apiserver: the notes are not those of the chart:"; cat "$work/out"; }
first=$(jobs) pods=$(rolled)
release upgrade identityd "$chart" --values "$values"
expect 'the same again makes no other Job' "$first" = "$(jobs)"
release upgrade identityd "$chart" --values "$values" --set 'config.clients[0].id=a,config.clients[0].redirect_uris[0]=https://a.example.com/cb'
expect 'a client more rolls no pod' "$pods" = "$(rolled)"
expect 'a client more makes no Job' "$first" = "$(jobs)"
release upgrade identityd "$chart" --values "$values" --set config.region=eu
expect 'a word that needs a restart rolls pods' "$pods" != "$(rolled)"
release upgrade identityd "$chart" --values "$values" --set image.tag=0.2.0
expect 'another version makes another Job' "$first" != "$(jobs)"
expect 'the Job of the version before is gone' 1 = "$(jobs | wc -l)"
release rollback identityd 1
expect 'going back makes the first again' "$first" = "$(jobs)"
release uninstall identityd
release install files "$chart" --values "$chart/examples/sqlite.yaml"
release uninstall files
expect 'the volume stays' 1 = "$(k -n identityd get pvc -o name | wc -l)"
expect 'nothing else stays' 0 = "$(k -n identityd get deployment,job,service,ingress,networkpolicy,pdb -o name | wc -l)"
echo 'apiserver: a release was installed, upgraded, taken back and removed'
exit "$failed"
