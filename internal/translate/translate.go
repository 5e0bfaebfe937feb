package translate

import (
	"cmp"
	"slices"
)

// Fate says what became of a key.
type Fate string

// Fates of a key.
const (
	Translated Fate = "translated" // said in a word of ours
	Kept       Fate = "kept"       // in the hydra: or kratos: block as it was
	Dropped    Fate = "dropped"    // not needed, or not taken; Why says which
)

// Input is what there is of the old installation.
type Input struct {
	// Settings are files and environments, later ones over earlier ones.
	Settings []Source
	// IdentitySchema is a file with the schema of people, where the settings of Kratos name one that
	// cannot be read here.
	IdentitySchema *File
	// Presets are the schemas that come with the program, by name.
	Presets map[string][]byte
	// Production and Development force the profile; neither leaves it to the settings.
	Production, Development bool
	// OneOrigin puts everything under the issuer.
	OneOrigin bool
	// InlineSecrets writes secrets into stack.yaml in place of files.
	InlineSecrets bool
	// Folder is where the files of the result will be, as stack.yaml has to name it.
	Folder string
	// Open reads what a file://, http:// or https:// address names.
	Open func(address string) ([]byte, error)
	// Secret makes a new secret of 32 bytes.
	Secret func() (string, error)
}

// File is a file of the result, or one that was read.
type File struct {
	// Name is where it is, beside stack.yaml.
	Name string
	// Data is what is in it.
	Data []byte
	// Secret files are for their owner alone.
	Secret bool
}

// Key is what became of one key.
type Key struct {
	Source string   `json:"source"`
	Engine string   `json:"engine"`
	Path   string   `json:"path"`
	Now    string   `json:"renamed_to,omitempty"` // what the engine calls it today
	Value  string   `json:"value"`
	Fate   Fate     `json:"fate"`
	To     []string `json:"to"`
	Why    string   `json:"why,omitempty"`
}

// Note is something to know or to do that belongs to no single key.
type Note struct {
	Word string `json:"word"`
	Text string `json:"text"`
}

// Result is a stack.yaml, what lies beside it, and the report.
type Result struct {
	Stack []byte
	// Sealed says that stack.yaml holds a secret, and is for its owner alone.
	Sealed  bool
	Files   []File
	Profile string
	Keys    []Key
	Notes   []Note
}

// Run translates. What cannot be is a *Problems.
func Run(in Input) (Result, error) {
	d, err := begin(in)
	if err != nil {
		return Result{}, err
	}
	d.facts()
	for _, engine := range []string{hydra, kratos} {
		for _, e := range d.entries(engine) {
			d.apply(e)
		}
	}
	d.finish()
	if err := d.problems.orNil(); err != nil {
		return Result{}, err
	}
	stack, err := d.write()
	if err != nil {
		return Result{}, err
	}
	slices.SortStableFunc(d.keys, func(a, b Key) int {
		return cmp.Or(cmp.Compare(a.Engine, b.Engine), cmp.Compare(a.Path, b.Path))
	})
	return Result{
		Stack: stack, Sealed: d.sealed, Files: d.files, Profile: d.profile, Keys: d.keys, Notes: d.notes,
	}, nil
}
