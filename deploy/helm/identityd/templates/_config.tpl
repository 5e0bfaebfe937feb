{{- /* stack.yaml: the chart's words, with those of config over the ones that are only defaults. */ -}}
{{- define "identityd.stack" -}}
{{- $secret := "/run/secrets/identityd" -}}
{{- $c := deepCopy .Values.config -}}
{{- $defaults := dict "profile" "production" -}}
{{- if include "identityd.sql" . -}}
{{- $user := dict "user" "hydra_user" "password_file" (printf "%s/hydra" $secret) -}}
{{- $other := dict "user" "kratos_user" "password_file" (printf "%s/kratos" $secret) -}}
{{- $_ := set $defaults "database" (dict "hydra" $user "kratos" $other) -}}
{{- end -}}
{{- if not $c.secrets -}}
{{- $_ := set $defaults "secrets" (dict "system_file" (printf "%s/system" $secret) "cookie_file" (printf "%s/cookie" $secret) "cipher_file" (printf "%s/cipher" $secret)) -}}
{{- end -}}
{{- if (dig "mail" "from" "" $c) -}}
{{- $_ := set $defaults "mail" (dict "smtp_url_file" (printf "%s/smtp" $secret)) -}}
{{- else if hasKey $c "mail" -}}
{{- $_ := unset $c.mail "from" -}}
{{- end -}}
{{- if (hasKey $c "urls") }}{{ if not $c.origin }}{{ $_ := unset $c "origin" }}{{ end }}{{ end -}}
{{- $owned := dict "data_dir" "/data/identityd" -}}
{{- /* Without a host: IPv4 and IPv6. The kubelet and Prometheus come from outside of the pod; admin listeners follow nobody. */ -}}
{{- $listen := dict "ui" ":3000" "ops" ":4437" "hydra_admin" "127.0.0.1:4445" "kratos_admin" "127.0.0.1:4434" -}}
{{- if $c.origin -}}
{{- $_ := set $listen "hydra_public" "off" -}}
{{- $_ := set $listen "kratos_public" "off" -}}
{{- else -}}
{{- $_ := set $listen "hydra_public" ":4444" -}}
{{- $_ := set $listen "kratos_public" ":4433" -}}
{{- end -}}
{{- if .Values.admin.enabled -}}
{{- $_ := set $listen "hydra_admin" ":4445" -}}
{{- $_ := set $listen "kratos_admin" ":4434" -}}
{{- $name := printf "%s-admin" (include "identityd.fullname" .) -}}
{{- $hosts := list $name (printf "%s.%s" $name .Release.Namespace) (printf "%s.%s.svc" $name .Release.Namespace) (printf "%s.%s.svc.cluster.local" $name .Release.Namespace) -}}
{{- $_ := set $owned "admin" (dict "token_file" (printf "%s/admin" $secret) "hosts" (concat $hosts (dig "admin" "hosts" list $c))) -}}
{{- end -}}
{{- $_ := set $owned "listen" $listen -}}
{{- if include "identityd.sql" . -}}
{{- $_ := set $owned "database" (dict "migrate" "wait") -}}
{{- end -}}
{{- if .Values.tls.existingSecret -}}
{{- $_ := set $owned "tls" (dict "cert_file" "/run/tls/tls.crt" "key_file" "/run/tls/tls.key") -}}
{{- end -}}
{{- toYaml (mergeOverwrite $defaults $c $owned) -}}
{{- end -}}

{{- /* Sections that identityd takes in while it serves (docs/operating.md#reload); a change of any other rolls the pods. A test holds
this list against the program. */ -}}
{{- define "identityd.followed" -}}
account audit claims clients consent cors declared dynamic_registration hooks identities identity janitor limits login mail protect registration return_to secrets session throttle tokens tracing ui hydra kratos
{{- end -}}

{{- define "identityd.restart" -}}
{{- $rest := include "identityd.stack" . | fromYaml -}}
{{- range splitList " " (include "identityd.followed" .) }}{{ $_ := unset $rest . }}{{ end -}}
{{- toYaml $rest | sha256sum | trunc 16 -}}
{{- end -}}
