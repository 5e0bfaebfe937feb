// Stands in for the module that pop reads variables through; go.mod of identityd puts it there.
module github.com/gobuffalo/envy

go 1.26.0
