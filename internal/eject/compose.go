package eject

import (
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// compose writes the set-up for containers. They share the network of this machine: the addresses in the files
// are those of its listeners, the admin APIs are on loopback, and the database is where it was.
func (d *draft) compose() ([]byte, error) {
	const home = "/etc/ory"
	user := fmt.Sprintf("%d:%d", d.in.UID, d.in.GID)
	files := []string{".:" + home + ":ro"}
	for _, path := range d.paths() {
		files = append(files, path+":"+path)
	}
	engine := func(image string, command []string, open, sealed string) map[string]any {
		return map[string]any{
			"image": image, "network_mode": "host", "user": user, "working_dir": home, "volumes": files, "restart": "unless-stopped",
			"command": append(command, "--config", open, "--config", sealed),
		}
	}
	job := func(service map[string]any) map[string]any {
		service["restart"] = "on-failure"
		return service
	}
	after := func(service map[string]any, condition string, names ...string) map[string]any {
		on := map[string]any{}
		for _, name := range names {
			on[name] = map[string]any{"condition": condition}
		}
		service["depends_on"] = on
		return service
	}
	const done, started = "service_completed_successfully", "service_started"
	services := map[string]any{
		"hydra-migrate":  job(engine(HydraImage, []string{"migrate", "sql", "up", "--read-from-env", "--yes"}, HydraFile, HydraSecretsFile)),
		"kratos-migrate": job(engine(KratosImage, []string{"migrate", "sql", "--read-from-env", "--yes"}, KratosFile, KratosSecretsFile)),
		"hydra":          after(engine(HydraImage, d.serve(hydra), HydraFile, HydraSecretsFile), done, "hydra-migrate"),
		"kratos":         after(engine(KratosImage, d.serve(kratos), KratosFile, KratosSecretsFile), done, "kratos-migrate"),
		"pages": after(map[string]any{
			"image": PagesImage, "network_mode": "host", "env_file": []string{PagesFile}, "restart": "unless-stopped",
		}, started, "hydra", "kratos"),
	}
	if d.at.front.port != 0 || d.at.front.socket() {
		front := []string{"./" + FrontFile + ":/etc/nginx/nginx.conf:ro"}
		if pair := d.in.Config.TLS.Pair("gateway"); !pair.Empty() {
			for _, path := range []string{pair.CertFile, pair.KeyFile} {
				front = append(front, path+":"+path+":ro")
			}
		}
		services["front"] = after(map[string]any{
			"image": FrontImage, "network_mode": "host", "volumes": front, "restart": "unless-stopped",
		}, started, "hydra", "kratos", "pages")
	}
	if d.in.Config.Inbox() {
		services["inbox"] = map[string]any{"image": InboxImage, "network_mode": "host", "restart": "unless-stopped"}
	}
	data, err := yaml.Marshal(map[string]any{"name": "ory", "services": services})
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", ComposeFile, err)
	}
	return append([]byte("# Written by identityd eject: docker compose up. The containers use this machine's network, as identityd did.\n"), data...), nil
}

// serve is the command that serves. What is http needs the flag: as it is false where it is not given, it
// overrules the key of the file (docs/ory-quirks.md#q215).
func (d *draft) serve(engine string) []string {
	command := []string{"serve", "--sqa-opt-out", "--watch-courier"}
	if engine == hydra {
		command = []string{"serve", "all", "--sqa-opt-out"}
	}
	if dev, _ := d.engine[engine]["dev"].(bool); dev {
		command = append(command, "--dev")
	}
	return command
}

// paths are the folders and files outside of this one that the engines read or write, under their own names.
func (d *draft) paths() []string {
	var out []string
	add := func(path string) {
		for _, one := range out {
			if one == path {
				return
			}
		}
		out = append(out, path)
	}
	for _, engine := range []string{hydra, kratos} {
		if rest, found := strings.CutPrefix(d.text(engine, "dsn"), "sqlite://"); found {
			file, _, _ := strings.Cut(rest, "?")
			add(filepath.Dir(file))
		}
		for key, value := range d.engine[engine] {
			path, _ := value.(string)
			if strings.HasSuffix(key, ".path") && strings.Contains(key, ".tls.") {
				add(path)
			}
			if socket, found := strings.CutPrefix(path, "unix:"); found && strings.HasSuffix(key, ".host") {
				add(filepath.Dir(socket))
			}
		}
	}
	return out
}
