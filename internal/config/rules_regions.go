package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// regionName is what may follow region= in --locality of a CockroachDB node, without what nobody writes.
var regionName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// leastForRegion is how many regions a majority needs to outlive one.
const leastForRegion = 3

func checkRegions(c *collector, cfg *Config) {
	const path = "database.regions"
	r := cfg.Database.Regions
	if r.Primary == "" {
		for word, set := range map[string]bool{
			"others": len(r.Others) > 0, "survive": r.Survive == SurviveRegion, "rows": r.Rows == RowsLocal,
		} {
			if set {
				c.add(path+"."+word, "must not be set without %s.primary; write the region that most people are near to", path)
			}
		}
		return
	}
	if d := cfg.Database.Dialect(); d != Cockroach && d != "" {
		c.add(path+".primary", "needs CockroachDB (database.url begins with %s://); leave database.regions out", d)
		return
	}
	checkRegionNames(c, path, r)
	if n := len(r.All()); r.Survive == SurviveRegion && n < leastForRegion {
		c.add(path+".survive", "needs at least %d regions for region (got %d); add to %s.others or write survive: zone",
			leastForRegion, n, path)
	}
	if cfg.Region != "" && !slices.Contains(r.All(), cfg.Region) {
		c.warn("region", "is none of database.regions, %s (got %s); write the region that this process runs in",
			strings.Join(r.All(), ", "), quote(cfg.Region))
	}
}

func checkRegionNames(c *collector, path string, r Regions) {
	seen := map[string]string{}
	at := path + ".primary"
	for i, name := range r.All() {
		if i > 0 {
			at = fmt.Sprintf("%s.others[%d]", path, i-1)
		}
		if !regionName.MatchString(name) {
			c.add(at, "must be the name of a region as SHOW REGIONS FROM CLUSTER prints it (got %s)", quote(name))
		} else if first, taken := seen[name]; taken {
			c.add(at, "must be another region than %s (got %s twice)", first, quote(name))
		}
		seen[name] = at
	}
}
