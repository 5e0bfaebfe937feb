package eject

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"example.com/identityd/internal/config"
)

// The releases that the files are for: those whose code identityd embeds.
const (
	HydraImage  = "oryd/hydra:v2.3.0"
	KratosImage = "oryd/kratos:v1.3.1"
	PagesImage  = "oryd/kratos-selfservice-ui-node:v1.3.1"
	FrontImage  = "nginx:1.28-alpine"
	InboxImage  = "axllent/mailpit:v1.21"
)

// Input is an identityd as it is configured.
type Input struct {
	// Config is what stack.yaml says.
	Config config.Config
	// Hydra and Kratos are what the engines are given, by their leaf keys. Secrets are among them.
	Hydra, Kratos map[string]any
	// Secret makes a new secret of 32 bytes: the pages want two of their own.
	Secret func() (string, error)
	// UID and GID own the files; the containers run as them, or they could not read what is theirs alone.
	UID, GID int
}

// File is a file of the result.
type File struct {
	// Name is its path below the folder.
	Name string
	// Data is what is in it.
	Data []byte
	// Secret files are for their owner alone.
	Secret bool
}

// Change is a key that the engines are given otherwise than in identityd.
type Change struct {
	Engine string `json:"engine"`
	Key    string `json:"key"`
	Why    string `json:"why"`
}

// Result is what a Hydra and a Kratos of their own need, and what they do not have.
type Result struct {
	Files   []File
	Changes []Change
	Losses  []Loss
}

// draft is a result in the making.
type draft struct {
	in     Input
	at     places
	engine map[string]map[string]any
	result Result
}

const (
	hydra  = "hydra"
	kratos = "kratos"
)

// Run makes the files.
func Run(in Input) (Result, error) {
	d := &draft{in: in, engine: map[string]map[string]any{hydra: maps.Clone(in.Hydra), kratos: maps.Clone(in.Kratos)}}
	if strings.Contains(fmt.Sprint(in.Hydra["dsn"]), "mode=memory") {
		return Result{}, errors.New("database.url keeps everything in memory: there is nothing that a Hydra and a Kratos could go on with; " +
			"write sqlite:// with a folder, or postgres://")
	}
	d.at = placesOf(in)
	d.hydra()
	d.kratos()
	d.tracing()
	d.mails()
	d.schemas()
	if err := d.write(); err != nil {
		return Result{}, err
	}
	d.result.Losses = losses(in.Config)
	slices.SortFunc(d.result.Changes, func(a, b Change) int { return strings.Compare(a.Engine+a.Key, b.Engine+b.Key) })
	return d.result, nil
}

// set gives an engine another value than identityd does.
func (d *draft) set(engine, key string, value any, why string) {
	if fmt.Sprint(d.engine[engine][key]) == fmt.Sprint(value) {
		d.engine[engine][key] = value
		return
	}
	d.engine[engine][key] = value
	d.result.Changes = append(d.result.Changes, Change{engine, key, why})
}

// drop leaves the engine to its own default.
func (d *draft) drop(engine, key, why string) {
	if _, there := d.engine[engine][key]; there {
		delete(d.engine[engine], key)
		d.result.Changes = append(d.result.Changes, Change{engine, key, why})
	}
}

func (d *draft) text(engine, key string) string {
	s, _ := d.engine[engine][key].(string)
	return s
}

func (d *draft) file(name string, data []byte, secret bool) {
	d.result.Files = append(d.result.Files, File{Name: filepath.FromSlash(name), Data: data, Secret: secret})
}
