{{- define "sluice.name" -}}
{{- if contains .Chart.Name .Release.Name -}}{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{- end -}}
{{- end -}}

{{- define "sluice.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "sluice.account" -}}
{{ .Values.serviceAccount.name | default (include "sluice.name" .) }}
{{- end -}}

{{/* sluice.yaml: what is given, and over it what the pod looks like. */}}
{{- define "sluice.config" -}}
{{- $own := dict
  "listen" (dict "proxy" ":8080" "admin" ":9090" "admin_token_file" "/run/secrets/sluice/token")
  "data_dir" "/var/lib/sluice"
  "secret_file" "/run/secrets/sluice/secret"
  "ca" (dict "cert_file" "/run/secrets/sluice/tls.crt" "key_file" "/run/secrets/sluice/tls.key")
  "limits" (dict "drain" (printf "%ds" (int .Values.drainSeconds))) -}}
{{- mergeOverwrite (deepCopy .Values.config) $own | toYaml -}}
{{- end -}}

{{/* Four fifths of the memory limit, as Go wants it. */}}
{{- define "sluice.memlimit" -}}
{{- $limit := .Values.resources.limits.memory -}}
{{- $mib := 0 -}}
{{- if hasSuffix "Gi" $limit -}}{{- $mib = mul (trimSuffix "Gi" $limit | int) 1024 -}}
{{- else -}}{{- $mib = trimSuffix "Mi" $limit | int -}}{{- end -}}
{{ div (mul $mib 4) 5 }}MiB
{{- end -}}
