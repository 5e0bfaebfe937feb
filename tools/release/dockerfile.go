package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

// imageConfig is the part of an image's configuration that a Dockerfile decides. Its keys are those of the OCI
// image specification; Healthcheck is Docker's, and others pass over it.
type imageConfig struct {
	User         string              `json:"User"`
	ExposedPorts map[string]struct{} `json:"ExposedPorts"`
	Env          []string            `json:"Env"`
	Entrypoint   []string            `json:"Entrypoint"`
	Cmd          []string            `json:"Cmd"`
	Healthcheck  *healthcheck        `json:"Healthcheck,omitempty"`
	Volumes      map[string]struct{} `json:"Volumes"`
	WorkingDir   string              `json:"WorkingDir"`
	Labels       map[string]string   `json:"Labels"`
	StopSignal   string              `json:"StopSignal"`
}

type healthcheck struct {
	Test        []string      `json:"Test"`
	Interval    time.Duration `json:"Interval"`
	Timeout     time.Duration `json:"Timeout"`
	StartPeriod time.Duration `json:"StartPeriod"`
}

// dockerfile reads the last stage of the Dockerfile, which is the one place of the image's settings, and returns
// what it copies too. A word that it does not know is an error: an image without it would be another one.
func dockerfile(name string, args map[string]string) (imageConfig, []string, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return imageConfig{}, nil, err
	}
	_, stage, ok := strings.Cut(string(raw), "\nFROM scratch\n")
	if !ok {
		return imageConfig{}, nil, fmt.Errorf("%s has no stage from scratch", name)
	}
	c := imageConfig{ExposedPorts: map[string]struct{}{}, Volumes: map[string]struct{}{}, Labels: map[string]string{}}
	var copied []string
	for _, line := range strings.Split(strings.ReplaceAll(stage, "\\\n", " "), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		if word == "COPY" {
			copied = append(copied, rest)
			continue
		}
		if err := c.take(word, filled(strings.TrimSpace(rest), args)); err != nil {
			return imageConfig{}, nil, fmt.Errorf("%s: %s: %w", name, line, err)
		}
	}
	return c, copied, nil
}

// filled puts the build's arguments in.
func filled(text string, args map[string]string) string {
	return os.Expand(text, func(name string) string { return args[name] })
}

var pairs = regexp.MustCompile(`([\w.]+)=("(?:[^"\\]|\\.)*"|\S+)`)

// take takes one instruction.
func (c *imageConfig) take(word, rest string) error {
	switch word {
	case "ARG":
	case "USER":
		c.User = rest
	case "WORKDIR":
		c.WorkingDir = rest
	case "VOLUME":
		c.Volumes[rest] = struct{}{}
	case "STOPSIGNAL":
		c.StopSignal = rest
	case "EXPOSE":
		for _, port := range strings.Fields(rest) {
			c.ExposedPorts[port+"/tcp"] = struct{}{}
		}
	case "ENV", "LABEL":
		for _, m := range pairs.FindAllStringSubmatch(rest, -1) {
			value := strings.Trim(m[2], `"`)
			if word == "ENV" {
				c.Env = append(c.Env, m[1]+"="+value)
			} else {
				c.Labels[m[1]] = value
			}
		}
	case "ENTRYPOINT":
		return json.Unmarshal([]byte(rest), &c.Entrypoint)
	case "CMD":
		return json.Unmarshal([]byte(rest), &c.Cmd)
	case "HEALTHCHECK":
		return c.health(rest)
	default:
		return fmt.Errorf("the image of a release has no %s yet (tools/release/dockerfile.go)", word)
	}
	return nil
}

func (c *imageConfig) health(rest string) error {
	options, command, ok := strings.Cut(rest, "CMD ")
	if !ok {
		return fmt.Errorf("want a CMD in it")
	}
	h := &healthcheck{}
	var args []string
	if err := json.Unmarshal([]byte(command), &args); err != nil {
		return err
	}
	h.Test = append([]string{"CMD"}, args...)
	for _, option := range strings.Fields(options) {
		name, value, _ := strings.Cut(option, "=")
		d, err := time.ParseDuration(value)
		if err != nil {
			return err
		}
		switch name {
		case "--interval":
			h.Interval = d
		case "--timeout":
			h.Timeout = d
		case "--start-period":
			h.StartPeriod = d
		default:
			return fmt.Errorf("the image of a release has no %s yet", name)
		}
	}
	c.Healthcheck = h
	return nil
}
