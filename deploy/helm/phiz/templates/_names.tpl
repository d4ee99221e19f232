{{- /* The chart uses the Go template language's own functions only, so that every renderer of it agrees. */ -}}
{{- define "phiz.labels" }}{ app.kubernetes.io/name: phiz, app.kubernetes.io/instance: {{ .Release.Name }} }{{ end }}
{{- define "phiz.workerLabels" }}{ app.kubernetes.io/name: phiz-worker, app.kubernetes.io/instance: {{ .Release.Name }} }{{ end }}
