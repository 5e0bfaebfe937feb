package config

// Tracing sends what happened in a request to a collector; docs/observability.md says what is in it, and what never is.
//
//	tracing:
//	  endpoint: https://otlp.example.com
//	  headers_file: secrets/headers
type Tracing struct {
	// Endpoint is the address of a collector that takes OTLP over HTTP, such as http://localhost:4318; without a path,
	// spans go to /v1/traces below it. It may be at a private address.
	Endpoint string `yaml:"endpoint"`
	// Sample is the share of requests traced, from 0 to 1; errors always are.
	Sample float64 `yaml:"sample"`
	// HeadersFile is a file with headers for the collector, a line of the form "Name: value" each, as hosted ones ask for
	// them.
	HeadersFile string `yaml:"headers_file"`

	// HeaderLines is what the file holds.
	HeaderLines Secret `yaml:"-"`
}

func defaultTracing() Tracing { return Tracing{Sample: 0.1} }

// Headers returns what the headers file holds.
func (t Tracing) Headers() map[string]string {
	out, _ := parseHeaders(t.HeaderLines.Reveal()) // the rules said what is wrong
	return out
}
