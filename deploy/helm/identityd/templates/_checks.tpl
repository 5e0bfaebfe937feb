{{- /* What would not start, or not safely: said here, before anything is installed. */ -}}
{{- define "identityd.check" -}}
{{- $c := .Values.config -}}
{{- $url := dig "database" "url" "" $c | default "" -}}
{{- $replicas := int .Values.replicas -}}
{{- if and (not $c.origin) (not $c.urls) -}}
{{- fail "config.origin must be set: the https:// address that browsers use, such as https://id.example.com; it is the issuer of every token and stays" -}}
{{- end -}}
{{- if and $c.urls (not $c.origin) -}}
{{- range $name := list "ui" "hydra" "kratos" }}{{ if not (get $c.urls $name) }}{{ fail (printf "config.urls.%s must be set where config.origin is not" $name) }}{{ end }}{{ end -}}
{{- end -}}
{{- if not (regexMatch "^(postgres|postgresql|cockroach|sqlite)://" $url) -}}
{{- fail (printf "config.database.url must begin with postgres://, cockroach:// or sqlite:// (got %q); write postgres://db.example.com:5432/?sslmode=verify-full" $url) -}}
{{- end -}}
{{- if or (regexMatch "://[^/?]*:[^/?@]*@" $url) (regexMatch "(?i)[?&](ssl)?password=" $url) -}}
{{- fail "config.database.url has a password in it, and becomes a ConfigMap that many may read; put the passwords into the keys hydra and kratos of secrets.existingSecret" -}}
{{- end -}}
{{- if include "identityd.sqlite" . -}}
{{- if or (gt $replicas 1) .Values.autoscaling.enabled -}}
{{- fail (printf "replicas is %d%s, and SQLite is a file of one process; write replicas: 1, or take PostgreSQL or CockroachDB for config.database.url" $replicas (ternary " with autoscaling" "" .Values.autoscaling.enabled)) -}}
{{- end -}}
{{- if not (regexMatch "^sqlite:///data/." $url) -}}
{{- fail (printf "config.database.url must lie on the volume (got %q); write sqlite:///data/identityd" $url) -}}
{{- end -}}
{{- end -}}
{{- if and $c.profile (ne $c.profile "production") -}}
{{- fail (printf "config.profile must be production (got %q): the listeners of development are on the loopback of the pod, where nobody comes" $c.profile) -}}
{{- end -}}
{{- range $key := list "listen" "data_dir" "tls" -}}
{{- if hasKey $c $key }}{{ fail (printf "config.%s is the chart's; leave it out (admin.enabled and tls.existingSecret are what it goes by)" $key) }}{{ end -}}
{{- end -}}
{{- if dig "database" "migrate" "" $c }}{{ fail "config.database.migrate is the chart's: pods wait for the Job; leave it out" }}{{ end -}}
{{- range $key := list "token_file" "client_ca_file" "allow_unauthenticated" -}}
{{- if dig "admin" $key "" $c }}{{ fail (printf "config.admin.%s is the chart's: write admin.enabled, and put the tokens into the key admin of secrets.existingSecret" $key) }}{{ end -}}
{{- end -}}
{{- include "identityd.inline" . -}}
{{- if and (not .Values.image.digest) (eq (.Values.image.tag | toString) "latest") -}}
{{- fail "image.tag must not be latest: a restart would change the version, and two pods could have two; write the release" -}}
{{- end -}}
{{- if and .Values.image.digest (not (regexMatch "^sha256:[0-9a-f]{64}$" .Values.image.digest)) -}}
{{- fail (printf "image.digest must be sha256: and 64 hexadecimal digits (got %q)" .Values.image.digest) -}}
{{- end -}}
{{- $stopping := include "identityd.stopping" . | int -}}
{{- if not (kindIs "invalid" .Values.terminationGracePeriodSeconds) -}}
{{- if lt (int .Values.terminationGracePeriodSeconds) $stopping -}}
{{- fail (printf "terminationGracePeriodSeconds is %d, and shutdown.prestop and shutdown.drain take %d s: requests would be killed; raise it or leave it out" (int .Values.terminationGracePeriodSeconds) $stopping) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.admin.enabled .Values.networkPolicy.enabled (not .Values.networkPolicy.admin.from) -}}
{{- fail "networkPolicy.admin.from must be set with admin.enabled: name the namespaces and pods that may call the admin APIs" -}}
{{- end -}}
{{- if and (dig "database" "regions" "primary" "" $c) (not $c.region) -}}
{{- fail "config.region must be set with config.database.regions: the region of this cluster" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail (printf "autoscaling.minReplicas (%d) must not be above autoscaling.maxReplicas (%d)" (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs must name the Gateway, such as [{name: gateway, namespace: gateways}]" -}}
{{- end -}}
{{- range $e := .Values.extraEnv -}}
{{- if and (hasPrefix "IDENTITYD_" $e.name) (has $e.name (list "IDENTITYD_CONFIG" "IDENTITYD_LISTEN_OPS" "IDENTITYD_LISTEN_HYDRA_ADMIN" "IDENTITYD_LISTEN_KRATOS_ADMIN" "IDENTITYD_DATA_DIR")) -}}
{{- fail (printf "extraEnv sets %s, which is the chart's; leave it out" $e.name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Secrets that would lie open in a ConfigMap, each with the word to write in its place. */ -}}
{{- define "identityd.inline" -}}
{{- $c := .Values.config -}}
{{- $say := "is a secret, and this becomes a ConfigMap that many may read; put it into secrets.existingSecret and write" -}}
{{- range $key := list "system" "cookie" "cipher" -}}
{{- if dig "secrets" $key "" $c }}{{ fail (printf "config.secrets.%s %s secrets.%s_file" $key $say $key) }}{{ end -}}
{{- end -}}
{{- range $engine := list "hydra" "kratos" -}}
{{- if dig "database" $engine "password" "" $c }}{{ fail (printf "config.database.%s.password %s password_file" $engine $say) }}{{ end -}}
{{- if dig "database" $engine "url" "" $c }}{{ fail (printf "config.database.%s.url %s config.database.url, user and password_file" $engine $say) }}{{ end -}}
{{- end -}}
{{- if dig "mail" "smtp_url" "" $c }}{{ fail (printf "config.mail.smtp_url %s mail.smtp_url_file" $say) }}{{ end -}}
{{- if dig "outbound" "proxy" "" $c }}{{ fail (printf "config.outbound.proxy %s outbound.proxy_file" $say) }}{{ end -}}
{{- range $i, $client := $c.clients -}}
{{- if $client.secret }}{{ fail (printf "config.clients[%d].secret %s secret_file: /run/secrets/identityd/NAME" $i $say) }}{{ end -}}
{{- end -}}
{{- range $i, $p := dig "login" "providers" list $c -}}
{{- if $p.client_secret }}{{ fail (printf "config.login.providers[%d].client_secret %s client_secret_file: /run/secrets/identityd/NAME" $i $say) }}{{ end -}}
{{- end -}}
{{- range $i, $h := $c.hooks -}}
{{- if $h.secret }}{{ fail (printf "config.hooks[%d].secret %s secret_file: /run/secrets/identityd/NAME" $i $say) }}{{ end -}}
{{- end -}}
{{- end -}}
