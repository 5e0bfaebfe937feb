// What the bench needs is a module of its own, so that it can never move a version of the product's dependencies.
module example.com/identityd/bench

go 1.26.0
