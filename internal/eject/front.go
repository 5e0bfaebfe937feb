package eject

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"strings"

	"example.com/identityd/internal/gateway"
)

// front writes the configuration of the proxy that takes the place of identityd's gateway: the same paths lead
// to the same parts.
func (d *draft) front() []byte {
	var b bytes.Buffer
	pair := d.in.Config.TLS.Pair("gateway")
	listen := d.at.front.host
	switch {
	case d.at.front.socket():
	case listen == "":
		listen = strconv.Itoa(d.at.front.port)
	default:
		listen = net.JoinHostPort(listen, strconv.Itoa(d.at.front.port))
	}
	forwarded := "$forwarded"
	if !pair.Empty() {
		listen += " ssl"
		forwarded = "$scheme"
	}
	fmt.Fprint(&b, `# Written by identityd eject: one address, split by paths, in the place of identityd's gateway.
worker_processes auto;
events { worker_connections 1024; }
http {
  map $http_x_forwarded_proto $forwarded { default $http_x_forwarded_proto; "" $scheme; }
  # A sign-in makes headers of several kilobytes.
  proxy_buffer_size 16k;
  proxy_buffers 8 16k;
  large_client_header_buffers 4 32k;
  client_max_body_size 1m;
  server_tokens off;
`)
	fmt.Fprintf(&b, "  server {\n    listen %s;\n", listen)
	if !pair.Empty() {
		fmt.Fprintf(&b, "    ssl_certificate %s;\n    ssl_certificate_key %s;\n    ssl_protocols TLSv1.2 TLSv1.3;\n", quoted(pair.CertFile), quoted(pair.KeyFile))
	}
	fmt.Fprintf(&b, `    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Proto %s;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
`, forwarded)
	to := map[gateway.Part]place{gateway.Hydra: d.at.hydraPublic, gateway.Kratos: d.at.kratosPublic, gateway.Pages: d.at.pages}
	for _, route := range gateway.Table() {
		at := to[route.Part].url()
		fmt.Fprintf(&b, "    location = %s { proxy_pass %s; }\n    location %s/ { proxy_pass %s; }\n", route.Prefix, at, route.Prefix, at)
	}
	fmt.Fprintf(&b, "    location / { proxy_pass %s; }\n  }\n}\n", d.at.pages.url())
	return b.Bytes()
}

func quoted(path string) string { return `"` + strings.ReplaceAll(path, `"`, `\"`) + `"` }
