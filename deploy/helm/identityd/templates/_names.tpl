{{- define "identityd.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- /* At most 44: names of Jobs get 17 more, and 63 is the limit of a label. Every template begins with it, so the checks do too:
in which order Helm takes the templates is not said. */ -}}
{{- define "identityd.fullname" -}}
{{- include "identityd.check" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 44 | trimSuffix "-" -}}
{{- else if contains (include "identityd.name" .) .Release.Name -}}
{{- .Release.Name | trunc 44 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "identityd.name" .) | trunc 44 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "identityd.selector" -}}
app.kubernetes.io/name: {{ include "identityd.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "identityd.server" -}}
{{ include "identityd.selector" . }}
app.kubernetes.io/component: server
{{- end -}}

{{- define "identityd.labels" -}}
{{ include "identityd.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "identityd.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- /* The names that browsers use, in the order of the ports: YAML, a list of {host, port, number}. */ -}}
{{- define "identityd.hosts" -}}
{{- $c := .Values.config -}}
{{- $out := list -}}
{{- if $c.origin -}}
{{- $out = append $out (dict "host" (include "identityd.host" $c.origin) "port" "http" "number" 3000) -}}
{{- else -}}
{{- $out = append $out (dict "host" (include "identityd.host" $c.urls.ui) "port" "http" "number" 3000) -}}
{{- $out = append $out (dict "host" (include "identityd.host" $c.urls.hydra) "port" "hydra" "number" 4444) -}}
{{- $out = append $out (dict "host" (include "identityd.host" $c.urls.kratos) "port" "kratos" "number" 4433) -}}
{{- end -}}
{{- toYaml $out -}}
{{- end -}}

{{- define "identityd.host" -}}
{{- (urlParse .).hostname -}}
{{- end -}}

{{- /* A duration of Go, in milliseconds. */ -}}
{{- define "identityd.milliseconds" -}}
{{- $sum := 0.0 -}}
{{- $text := toString . -}}
{{- if not (regexMatch "^(0|([0-9]+(\\.[0-9]+)?(h|m|s|ms|us|µs|ns))+)$" $text) -}}
{{- fail (printf "config.shutdown: %q is no duration; write 5s or 1m30s" $text) -}}
{{- end -}}
{{- range regexFindAll "[0-9]+(\\.[0-9]+)?(h|ms|m|s|us|µs|ns)" $text -1 -}}
{{- $unit := regexFind "[a-zµ]+$" . -}}
{{- $number := float64 (trimSuffix $unit .) -}}
{{- $of := get (dict "h" 3600000.0 "m" 60000.0 "s" 1000.0 "ms" 1.0) $unit | default 0.001 -}}
{{- $sum = addf $sum (mulf $number $of) -}}
{{- end -}}
{{- ceil $sum | int64 -}}
{{- end -}}

{{- /* What prestop and drain take together, in whole seconds. */ -}}
{{- define "identityd.stopping" -}}
{{- $s := .Values.config.shutdown | default dict -}}
{{- $prestop := include "identityd.milliseconds" ($s.prestop | default "5s") | int64 -}}
{{- $drain := include "identityd.milliseconds" ($s.drain | default "20s") | int64 -}}
{{- div (add $prestop $drain 999) 1000 -}}
{{- end -}}

{{- define "identityd.sqlite" -}}
{{- if hasPrefix "sqlite" ((.Values.config.database | default dict).url | default "") }}true{{ end -}}
{{- end -}}

{{- define "identityd.sql" -}}
{{- if not (include "identityd.sqlite" .) }}true{{ end -}}
{{- end -}}
