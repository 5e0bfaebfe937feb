package regions

// State is what a cluster says of its regions and of the two databases.
type State struct {
	// Cluster are the regions that nodes were started in; none when they have no --locality.
	Cluster []string `json:"cluster_regions"`
	// Databases are that of Hydra and that of Kratos.
	Databases []Database `json:"databases"`
}

// Database is one of the two databases.
type Database struct {
	// Engine is hydra or kratos, Name what the database is called.
	Engine string `json:"engine"`
	Name   string `json:"name"`
	// Primary is empty as long as the database has no regions.
	Primary string `json:"primary,omitempty"`
	// Regions are all of them, the primary one too.
	Regions []string `json:"regions,omitempty"`
	// Survive is zone or region, and empty without regions.
	Survive string  `json:"survive,omitempty"`
	Tables  []Table `json:"tables,omitempty"`
}

// Table is one table of a database.
type Table struct {
	Name string `json:"name"`
	// Locality is as SHOW TABLES prints it; empty in a database without regions.
	Locality Locality `json:"locality,omitempty"`
	// Rows is the estimate of the cluster's statistics; 0 when there is none.
	Rows int64 `json:"rows,omitempty"`
}

// Goal is what the configuration asks for.
type Goal struct {
	Primary string   `json:"primary"`
	Others  []string `json:"others,omitempty"`
	// Survive is zone or region; Rows is primary or local.
	Survive string `json:"survive"`
	Rows    string `json:"rows"`
}

// All returns the regions, the primary one first.
func (g Goal) All() []string { return append([]string{g.Primary}, g.Others...) }

// The words of Goal.Survive and Goal.Rows.
const (
	surviveZone   = "zone"
	surviveRegion = "region"
	rowsLocal     = "local"
)
