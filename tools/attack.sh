#!/usr/bin/env bash
# Attacks an identityd of its own, in a profile as production has it, with what attackers use: wapiti, ffuf,
# slowhttptest and testssl.sh (Debian packages of these names). Everything goes to 127.0.0.1; each tool is bounded.
#
#   make attack                 all of it, about a quarter of an hour; the outputs are in bin/attack
#   ATTACK_ONLY=ffuf make attack
#
# Exit 1 when one of them finds something: a path that answers and should not, a 5xx, a vulnerability, a server that
# others cannot reach during a slow attack, a weak protocol.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
only=${ATTACK_ONLY:-wapiti ffuf slowhttptest testssl}
out=$PWD/bin/attack
work=$(mktemp -d "${TMPDIR:-/tmp}/identityd-attack.XXXXXX")
failed=0 server=
mkdir -p "$out"
# shellcheck disable=SC2317  # the trap calls it
tidy() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null
  rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM

say() { echo "attack: $*"; }
fail() {
  say "FOUND: $*"
  failed=1
}
has() {
  case " $only " in *" $1 "*) ;; *) return 1 ;; esac
  command -v "${2:-$1}" >/dev/null || { say "SKIP: $1 is not installed (apt-get install wapiti ffuf slowhttptest testssl.sh)"; return 1; }
}

# Free ports, taken at once and given back: whoever takes one in between makes this run fail, nothing else.
read -r port hydra_admin kratos_admin ops < <(python3 - <<'P'
import socket
held = [socket.socket() for _ in range(4)]
for s in held: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])
P
)
origin=https://localhost:$port

make -s build || exit 1
mkdir -p "$work/data"
(
  cd "$work" || exit 1
  umask 077
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 2 -subj "/CN=attack test CA"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key -out tls.csr -subj "/CN=localhost"
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' >extensions
  openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out tls.crt
  for s in system cookie cipher; do openssl rand -base64 24 >$s; done
) 2>/dev/null
cat >"$work/stack.yaml" <<Y
profile: production
data_dir: data
listen: { gateway: "127.0.0.1:$port", ui: "off", hydra_public: "off", kratos_public: "off",
  hydra_admin: "127.0.0.1:$hydra_admin", kratos_admin: "127.0.0.1:$kratos_admin", ops: "127.0.0.1:$ops" }
origin: $origin
tls: { gateway: { cert_file: tls.crt, key_file: tls.key } }
database: { url: "sqlite://data" }
secrets: { system_file: system, cookie_file: cookie, cipher_file: cipher }
identity: { verification: optional }
login: { first: { password: { breach_check: false } } }
Y
(cd "$work" && exec "$OLDPWD/bin/identityd" serve --config stack.yaml) >"$out/identityd.log" 2>&1 &
server=$!
for _ in $(seq 120); do
  curl -fsS -o /dev/null --cacert "$work/ca.crt" "$origin/health/ready" 2>/dev/null && break
  kill -0 "$server" 2>/dev/null || { tail -5 "$out/identityd.log"; exit 1; }
  sleep 0.5
done
curl -fsS -o /dev/null --cacert "$work/ca.crt" "$origin/health/ready" || exit 1
say "identityd $(git describe --tags --always --dirty) at $origin"

# Somebody to be signed in as, by the door that people use.
curl -fsS -o /dev/null -X POST -H 'Content-Type: application/json' "http://127.0.0.1:$kratos_admin/admin/identities" --data \
  '{"schema_id":"email@1","traits":{"email":"ada@example.com"},"credentials":{"password":{"config":{"password":"correct-horse-7-battery"}}}}' || exit 1
jar=$work/jar
browse() { curl -sS --cacert "$work/ca.crt" -c "$jar" -b "$jar" "$@"; }
flow=$(browse -o /dev/null -w '%{redirect_url}' "$origin/self-service/login/browser")
id=${flow##*flow=}
token=$(browse -H 'Accept: application/json' "$origin/self-service/login/flows?id=$id" | python3 -c 'import json,sys
print(next(n["attributes"]["value"] for n in json.load(sys.stdin)["ui"]["nodes"] if n["attributes"]["name"] == "csrf_token"))')
browse -o /dev/null "$origin/self-service/login?flow=$id" --data-urlencode "csrf_token=$token" \
  --data-urlencode method=password --data-urlencode identifier=ada@example.com --data-urlencode password=correct-horse-7-battery
[ "$(browse -o /dev/null -w '%{http_code}' "$origin/sessions/whoami")" = 200 ] || { say "the test account cannot sign in"; exit 1; }

# others says how many of ten requests from another address are answered, within five seconds each.
others() {
  local ok=0
  for _ in $(seq 10); do
    [ "$(curl -s -o /dev/null -m 5 --interface 127.0.0.2 -w '%{http_code}' --cacert "$work/ca.crt" "$origin/.well-known/openid-configuration")" = 200 ] && ok=$((ok + 1))
  done
  echo "$ok"
}
alive() { [ "$(others)" = 10 ] || fail "after $1 the server does not answer others"; }

if has ffuf; then
  # Words of attackers' lists, and every path that this repository has ever named.
  {
    printf '%s\n' .git/config .git/HEAD .env .htaccess .svn/entries .DS_Store admin admin/ admin/login admin/clients admin/identities identities \
      api api/v1 actuator actuator/health backup backup.zip backup.sql config config.json config.yaml stack.yaml console cgi-bin/ debug debug/pprof/ \
      debug/vars server-status server-info phpinfo.php phpmyadmin wp-login.php wp-admin/ swagger swagger.json openapi.json graphql metrics status \
      health healthz ready version info test tmp temp logs log error_log data db database.sqlite kratos.sqlite hydra.sqlite identityd-data \
      identityd-data/secrets.yaml secrets secrets.yaml data/secrets.yaml control.sock etc/passwd ..%2f..%2fetc/passwd %2e%2e/%2e%2e/etc/passwd \
      ....//....//etc/passwd static assets assets/ assets/../ assets/%2e%2e/ templates templates/login.gohtml internal src vendor node_modules \
      package.json go.mod Dockerfile Makefile README.md LICENSE .well-known .well-known/ .well-known/security.txt .well-known/ory users user account \
      account/ profile settings oauth oauth2 oauth2/ oauth2/introspect oauth2/register oauth2/fallbacks/error oauth2/flush keys clients jwks.json \
      self-service self-service/ sessions schemas courier recovery/link recovery/code inbox account/inbox mail mails trace server.key tls.key
    git ls-files | sed -n 's|^internal/.*testdata/routes.json$|&|p' | xargs -r cat | sed -n 's|^ *"/\([^ ]*\) .*|\1|p' | sed 's/:[A-Za-z]*/x/g'
    grep -rhoE '"/[a-z][a-z0-9/_.-]+"' --include='*.go' internal/ui internal/stack internal/gateway | tr -d '"' | cut -c2-
  } | sort -u >"$work/words"
  # What is meant to answer 200 to somebody who is nobody.
  public='^(|login/?|robots\.txt|favicon\.ico|health/(alive|ready)|\.well-known/(openid-configuration|jwks\.json|ory/webauthn\.js|webauthn)|schemas(/.*)?|assets/.*|account/(signed-out|stayed|deleted|language|left|continue)|self-service/(login|registration|recovery|verification)/api|oauth2/sessions/logout)$'
  for listener in "public $origin" "ops http://127.0.0.1:$ops" "hydra_admin http://127.0.0.1:$hydra_admin" "kratos_admin http://127.0.0.1:$kratos_admin"; do
    at=${listener#* } name=ffuf-${listener%% *}
    ffuf -u "$at/FUZZ" -w "$work/words" -mc all -t 8 -timeout 20 -maxtime 240 -s -of json -o "$work/$name.json" >/dev/null 2>&1
    python3 - "$work/$name.json" "$name" "$public" >"$out/$name.txt" <<'P'
import collections, json, re, sys
results = json.load(open(sys.argv[1]))["results"]
public = re.compile(sys.argv[3])
print(len(results), "paths:", ", ".join(f"{n} answered {s}" for s, n in sorted(collections.Counter(r["status"] for r in results).items())))
for r in results:
    word = r["input"]["FUZZ"]
    if r["status"] >= 500:
        print("FOUND", r["status"], word)
    elif r["status"] == 200 and sys.argv[2] == "ffuf-public":
        print("ok" if public.match(word) else "FOUND", r["status"], word)
P
    head -1 "$out/$name.txt" | sed "s|^|attack: $name: |"
    grep -q '^[0-9]' "$out/$name.txt" || fail "$name did not run"
    grep '^FOUND' "$out/$name.txt" && fail "$name: see $out/$name.txt"
  done
  alive ffuf
fi

if has slowhttptest; then
  # 300 connections that hardly move, from one address; another one is served meanwhile.
  for mode in 'headers -H' 'body -B -t POST' 'read -X -w 1 -y 2 -z 1 -k 3'; do
    name=${mode%% *}
    # shellcheck disable=SC2086  # words
    timeout 90 slowhttptest ${mode#* } -c 300 -r 100 -i 10 -l 30 -p 5 -u "$origin/oauth2/token" >"$work/slow" 2>&1 &
    attack=$!
    sleep 12
    during=$(others)
    wait "$attack"
    sed 's/\x1b\[[0-9;]*[A-Za-z]//g' "$work/slow" | grep -aE 'test type|service available|connected|closed|error|pending|Exit status|ended' | tail -12 >"$out/slowhttptest-$name.txt"
    echo "others during the attack: $during of 10" >>"$out/slowhttptest-$name.txt"
    say "slowhttptest $name: $during of 10 requests of others were answered meanwhile"
    [ "$during" = 10 ] || fail "slow $name keeps others out"
  done
  alive slowhttptest
fi

if has testssl; then
  timeout 600 testssl --quiet --color 0 --warnings off --add-ca "$work/ca.crt" -p -s -f -S -h -U --jsonfile "$work/testssl.json" "https://127.0.0.1:$port" >"$out/testssl.txt" 2>&1
  python3 - "$work/testssl.json" >"$out/testssl-findings.txt" <<'P'
import json, sys
found = json.load(open(sys.argv[1]))
# A certificate of a test authority on loopback lives two days, without revocation, transparency or a name in DNS. Go
# makes new keys for session tickets every day, in memory only, and takes a week's.
lab = ("cert_ocsp", "cert_crl", "cert_revocation", "DNS_CAArecord", "cert_trust", "cert_chain_of_trust", "OCSP_stapling", "certificate_transparency", "TLS_session_ticket", "cert_notAfter", "cert_expirationStatus", "cert_extlifeSpan")
print(len(found), "checks")
for f in found:
    if f["severity"] in ("LOW", "MEDIUM", "HIGH", "CRITICAL"):
        print("lab" if any(f["id"].startswith(l) for l in lab) else "FOUND", f["severity"], f["id"], f["finding"])
for f in found:
    if f["id"] in ("SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3", "HSTS"):
        print("ok", f["id"], f["finding"])
P
  head -1 "$out/testssl-findings.txt" | sed 's/^/attack: testssl: /'
  grep '^FOUND' "$out/testssl-findings.txt" && fail "testssl: see $out/testssl.txt"
  grep -q '^ok TLS1_3' "$out/testssl-findings.txt" || fail "testssl did not run"
  alive testssl
fi

if has wapiti; then
  for who in nobody ada; do
    cookies=()
    if [ "$who" = ada ]; then
      cookies=(-H "Cookie: $(sed 's/^#HttpOnly_//' "$jar" | awk -F'\t' 'NF == 7 {printf "%s=%s; ", $6, $7}')")
    fi
    starts=()
    for path in login registration recovery verification settings account/ account/security account/sessions account/apps account/profile account/language \
      account/signed-out account/logout error consent logout oauth2/auth '.well-known/openid-configuration' sessions/whoami; do
      # With a parameter each, so that there is something to attack.
      starts+=(-s "$origin/$path?return_to=a&login_challenge=b&flow=c&error=d")
    done
    timeout 600 env HTTPS_PROXY=http://127.0.0.1:9 HTTP_PROXY=http://127.0.0.1:9 NO_PROXY=localhost,127.0.0.1 wapiti -u "$origin/" "${starts[@]}" -v 1 --scope domain -d 4 -m backup,blindsql,cookieflags,crlf,csp,csrf,exec,file,http_headers,methods,permanentxss,redirect,shellshock,sql,xss --max-scan-time 120 --max-attack-time 20 --verify-ssl 0 -t 20 --flush-session \
      --store-session "$work/wapiti-$who" --no-bugreport -f json -o "$work/wapiti-$who.json" "${cookies[@]}" >"$work/wapiti.log" 2>&1
    cp "$work/wapiti.log" "$out/wapiti-$who.log"
    python3 - "$work/wapiti-$who.json" "$work/wapiti.log" >"$out/wapiti-$who.txt" <<'P'
import json, sys
report = json.load(open(sys.argv[1]))
print("crawled", sum(" (200) " in l or "http" in l for l in open(sys.argv[2], errors="replace") if l.startswith("[+] ")), "requests in all")
for kind in ("vulnerabilities", "anomalies"):
    for name, found in report[kind].items():
        for f in found:
            # Browsers have dropped that header, whose filter was a hole itself.
            print("obsolete" if "X-XSS-Protection" in f["info"] else "FOUND", name, f["method"], f["path"], f.get("parameter"), f["info"])
P
    head -1 "$out/wapiti-$who.txt" | sed "s/^/attack: wapiti as $who: /"
    grep -q '^crawled' "$out/wapiti-$who.txt" || { tail -5 "$work/wapiti.log"; fail "wapiti did not run as $who"; }
    grep '^FOUND' "$out/wapiti-$who.txt" | sort | uniq -c | sort -rn | head -20
    grep -q '^FOUND' "$out/wapiti-$who.txt" && fail "wapiti as $who: see $out/wapiti-$who.txt"
  done
  # Attacks go on as ada: a page that only she gets was answered.
  if [ "$(grep -c '"path":"/account/security","status":200' "$out/identityd.log")" = 0 ]; then fail "wapiti was not signed in"; fi
  alive wapiti
fi

panics=$(grep -c '"panicked\|request panicked\|panic:' "$out/identityd.log" || true)
failures=$(grep -c '"status":5[0-9][0-9]' "$out/identityd.log" || true)
say "$panics panics and $failures answers of 5xx in the log of $(grep -c '"msg":"request"' "$out/identityd.log" || true) requests"
[ "$panics" = 0 ] || fail "panics: see $out/identityd.log"
[ "$failures" = 0 ] || fail "5xx: see $out/identityd.log"
exit "$failed"
