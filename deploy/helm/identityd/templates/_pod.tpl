{{- /* What all containers of the chart have in common: nothing that a broken-into process could use. */ -}}
{{- define "identityd.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
# The group of the mounted Secrets, whose mode is 0440.
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "identityd.security" -}}
runAsNonRoot: true
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "identityd.pull" -}}
{{- with .Values.image.pullSecrets -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "identityd.placement" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "identityd.env" -}}
- name: IDENTITYD_CONFIG
  value: /etc/identityd/stack.yaml
# The image says 0.0.0.0; empty is all addresses, IPv6 too.
- name: IDENTITYD_LISTEN_HOST
  value: ""
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "identityd.mounts" -}}
- name: config
  mountPath: /etc/identityd
  readOnly: true
- name: secrets
  mountPath: /run/secrets/identityd
  readOnly: true
- name: data
  mountPath: /data
- name: tmp
  mountPath: /tmp
{{- if .Values.tls.existingSecret }}
- name: tls
  mountPath: /run/tls
  readOnly: true
{{- end }}
{{- end -}}

{{- define "identityd.volumes" -}}
- name: config
  configMap:
    name: {{ include "identityd.fullname" . }}
    defaultMode: 0444
# No subPath anywhere: a file mounted by it never changes again.
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ required "secrets.existingSecret must name the Secret with system, cookie, cipher, hydra, kratos and smtp; the chart makes none" .Values.secrets.existingSecret }}
      {{- range .Values.secrets.extra }}
      - secret:
          {{- toYaml . | nindent 10 }}
      {{- end }}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
{{- if .Values.tls.existingSecret }}
- name: tls
  secret:
    secretName: {{ .Values.tls.existingSecret }}
    defaultMode: 0440
{{- end }}
{{- end -}}
