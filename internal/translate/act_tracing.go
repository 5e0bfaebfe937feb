package translate

import (
	"fmt"
	"strings"
)

const otlpPath = "tracing.providers.otlp."

// collector takes the tracing of both engines over: spans go by OTLP over HTTP, as their provider otel sends them.
// Where the two files differ, Hydra's counts.
func collector(d *draft, e entry) verdict {
	if e.path != "tracing.provider" && (!strings.HasPrefix(e.path, otlpPath) || d.str(e.engine, otlpPath+"server_url") == "") {
		return dropped("identityd sends spans by OTLP over HTTP alone: write the address of a collector that takes it into tracing.endpoint")
	}
	switch provider := d.str(e.engine, "tracing.provider"); {
	case e.path == "tracing.provider" && provider != "" && provider != "otel":
		return dropped("identityd sends spans by OTLP over HTTP, not by %s: write the address of a collector that takes it into tracing.endpoint", provider)
	case provider != "otel":
		return dropped("tracing was off without tracing.provider: otel")
	}
	key := strings.TrimPrefix(e.path, otlpPath)
	if key == "tracing.provider" && d.str(e.engine, otlpPath+"server_url") == "" {
		return dropped("there is no tracing.providers.otlp.server_url, so spans went nowhere")
	}
	if e.engine == kratos && d.str(hydra, "tracing.provider") == "otel" && d.str(hydra, otlpPath+"server_url") != "" {
		return dropped("both engines are one process now, and its traces go to the collector of Hydra's file")
	}
	switch key {
	case "sampling.sampling_ratio":
		d.set("tracing.sample", e.value)
		return translated("what fails is sent besides", "tracing.sample")
	case "authorization_header":
		d.set("tracing.headers_file", d.file("tracing-headers", fmt.Appendf(nil, "Authorization: %s\n", text(e.value)), true))
		return translated("", "tracing.headers_file")
	}
	scheme := "https://"
	if d.on(e.engine, otlpPath+"insecure") {
		scheme = "http://"
	}
	server := d.str(e.engine, otlpPath+"server_url")
	if i := strings.Index(server, "://"); i >= 0 {
		server = server[i+len("://"):]
	}
	d.set("tracing.endpoint", scheme+strings.TrimSuffix(server, "/"))
	return translated("", "tracing.endpoint")
}
