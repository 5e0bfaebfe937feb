{{- define "identityd.migratePod" -}}
{{- $own := .Values.migration.existingSecret -}}
metadata:
  labels:
    {{- include "identityd.selector" . | nindent 4 }}
    app.kubernetes.io/component: migrate
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "identityd.fullname" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with include "identityd.pull" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  securityContext:
    {{- include "identityd.podSecurity" . | nindent 4 }}
  # A statement in progress may end; whoever is killed leaves its lease for 30 s.
  terminationGracePeriodSeconds: 60
  containers:
    - name: identityd
      image: {{ include "identityd.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [migrate]
      env:
        {{- include "identityd.env" . | nindent 8 }}
        {{- if $own }}
        {{- range $engine := list "hydra" "kratos" }}
        - name: IDENTITYD_DATABASE_{{ upper $engine }}_USER
          value: {{ get $.Values.migration (printf "%sUser" $engine) | quote }}
        - name: IDENTITYD_DATABASE_{{ upper $engine }}_PASSWORD_FILE
          value: /run/secrets/migrator/{{ $engine }}_migrator
        {{- end }}
        {{- end }}
      securityContext:
        {{- include "identityd.security" . | nindent 8 }}
      resources:
        requests: { cpu: 100m, memory: 128Mi }
        limits: { memory: 512Mi }
      volumeMounts:
        {{- include "identityd.mounts" . | nindent 8 }}
        {{- if $own }}
        - name: migrator
          mountPath: /run/secrets/migrator
          readOnly: true
        {{- end }}
  volumes:
    {{- include "identityd.volumes" . | nindent 4 }}
    - name: data
      emptyDir:
        sizeLimit: 64Mi
    {{- if $own }}
    # Who owns the tables: no serving pod has it.
    - name: migrator
      secret:
        secretName: {{ $own }}
        defaultMode: 0440
    {{- end }}
  {{- with include "identityd.placement" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end -}}
