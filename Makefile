# identityd. `make help` lists the targets.

# pop finds SQLite only with this tag (docs/ory-quirks.md#q8); it is set here and nowhere else.
TAGS    := sqlite
# The driver of SQLite is a module of its own (docs/adr/0013-sqlite-driver.md).
SQLITE  := internal/sqlite3
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# The commit and its date, never the clock: the same commit makes the same bytes.
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null)
DATE    ?= $(shell TZ=UTC0 git show -s --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null)
CLI     := example.com/identityd/internal/cli
LDFLAGS := -s -w -X $(CLI).version=$(VERSION) -X $(CLI).commit=$(COMMIT) -X $(CLI).commitDate=$(DATE)
GO      ?= go
# Tests run as the product is built, without C: what they prove is about the program that is released, and one set of
# packages is compiled for all of it. The race detector alone needs C, and a program of its own to look into.
export CGO_ENABLED := 0
# With AGAIN=yes, which .ci/run says, what failed is run once more by itself (docs/adr/0081-what-failed-is-run-again.md).
TEST    := $(if $(AGAIN),$(CURDIR)/tools/again.sh,$(GO) test)
RACE    := CGO_ENABLED=1 IDENTITYD_TEST_BINARY= $(TEST) -race

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## make bin/identityd
	$(GO) build -trimpath -tags $(TAGS) -ldflags "$(LDFLAGS)" -o bin/identityd ./cmd/identityd

.PHONY: run
run: build ## serve the development profile in this folder
	./bin/identityd serve

# What runs a whole stack, a browser or all pages takes four to eight times as long under the race detector: of it, what runs most at once.
WHOLE   := ./internal/stacktest ./internal/browsertest ./internal/scripttest ./internal/ui/... ./cmd/identityd
RACES   := TestParallelJourneysOnColdStacks|TestJourneyOnPostgres$$|TestLogoutsOnSQLite|TestTheSmallestPool|TestSIGTERM

# What one goroutine does for a minute, and many times as long under the race detector: it runs without, beside the pages. Pods run
# the program that IDENTITYD_TEST_BINARY names, which the race detector's part goes without.
ALONE    := ^(TestTheEnginesCallNobodyNew|TestDoctorFinds|TestDoctorFindsOutside|TestManyRows|TestPods)$$
ALONE_IN := ./internal/stack ./internal/cli ./internal/move ./internal/charttest

# Many packages wait for clocks and databases: four at once keep two cores busy.
.PHONY: test
test: $(if $(AGAIN),bin/gotestsum) ## run all tests, with the race detector where it pays
	$(GO) vet -tags $(TAGS) ./...
	$(RACE) -p 4 -tags $(TAGS) -timeout 10m -skip '$(ALONE)' $$($(GO) list -tags $(TAGS) ./... | grep -v -e /stacktest$$ -e /browsertest$$ -e /scripttest$$ -e /internal/ui -e /cmd/identityd$$)
	$(MAKE) -j3 test-stack-one test-stack-two test-pages
	$(RACE) -tags $(TAGS) -timeout 10m -run '$(RACES)' ./internal/stacktest ./cmd/identityd
	cd $(SQLITE) && $(GO) vet ./... && $(RACE) ./...
	cd internal/envy && $(GO) test ./...
	cd journey && $(GO) vet ./... && $(RACE) ./...
	cd bench && $(GO) vet -tags $(TAGS) ./... && $(GO) test -tags $(TAGS) ./...
	cd tools && $(GO) vet ./... && $(GO) test ./...

# Stacks wait for each other more than they work: in two halves they take half as long.
HALF := ^Test[A-O]
.PHONY: test-stack-one test-stack-two test-pages
test-stack-one:
	$(TEST) -tags $(TAGS) -timeout 25m -run '$(HALF)' ./internal/stacktest
test-stack-two:
	$(TEST) -tags $(TAGS) -timeout 25m -skip '$(HALF)' ./internal/stacktest
test-pages:
	$(TEST) -tags $(TAGS) -timeout 25m $(filter-out ./internal/stacktest,$(WHOLE))
	$(TEST) -tags $(TAGS) -timeout 25m -run '$(ALONE)' $(ALONE_IN)

.PHONY: race
race: ## run the whole stack's tests with the race detector too (half an hour)
	$(RACE) -tags $(TAGS) -timeout 60m $(WHOLE)

.PHONY: security
security: build ## run every test that docs/security.md names and print what was tried and what happened (most of an hour; IDENTITYD_TEST_LONG= for a quarter)
	IDENTITYD_TEST_BINARY=$(CURDIR)/bin/identityd IDENTITYD_TEST_LONG=$${IDENTITYD_TEST_LONG-1} $(GO) run ./internal/tried/table -tags $(TAGS)

.PHONY: airgap
airgap: ## run a part of the suite in a network namespace that has no route
	IDENTITYD_TEST_LONG=1 $(GO) test -tags $(TAGS) -count=1 -timeout 20m -v -run '^TestTheAirGap$$' ./internal/stacktest

.PHONY: test-crdb
test-crdb: ## run them on PostgreSQL in place of CockroachDB, and on one if there is one
	IDENTITYD_TEST_STANDIN=cockroach $(GO) test -tags $(TAGS) -timeout 20m -count=1 ./internal/stacktest ./internal/store ./internal/sqlseam/...
	$(GO) test -tags $(TAGS) -timeout 20m -count=1 ./internal/crdbtest

.PHONY: lint
lint: bin/golangci-lint ## check style and the import law
	bin/golangci-lint run ./...
	bin/golangci-lint fmt --diff ./...
	cd journey && ../bin/golangci-lint run --config ../.golangci.yml ./...
	cd bench && ../bin/golangci-lint run --config ../.golangci.yml ./...
	cd sdk && ../bin/golangci-lint run --config ../.golangci.yml ./...
	cd tools && ../bin/golangci-lint run --config ../.golangci.yml ./...
	cd $(SQLITE) && $(CURDIR)/bin/golangci-lint run --config $(CURDIR)/.golangci.yml ./...
	cd internal/envy && $(CURDIR)/bin/golangci-lint run --config $(CURDIR)/.golangci.yml ./...

bin/golangci-lint: tools/go.mod tools/go.sum
	cd tools && $(GO) build -o ../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bin/gotestsum: tools/go.mod tools/go.sum
	cd tools && $(GO) build -o ../bin/gotestsum gotest.tools/gotestsum

.PHONY: cross
cross: ## compile for every platform, without linking (takes minutes for each)
	for t in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do echo $$t; \
		GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) build -tags $(TAGS) ./cmd/identityd ./internal/cli || exit 1; done

.PHONY: fmt
fmt: bin/golangci-lint ## format the code
	bin/golangci-lint fmt ./...

.PHONY: golden
golden: ## write the golden files anew
	$(GO) test -tags $(TAGS) ./internal/hydra ./internal/kratos ./internal/stack ./internal/bootstrap ./internal/gateway ./internal/ui ./internal/translate ./internal/upstream -update
	$(GO) test -count=1 -tags $(TAGS) ./internal/stacktest -run '^TestStatements' -update
	$(GO) test -tags $(TAGS) . -run '^TestWhatIsNotRunIsListed$$' -update
	$(MAKE) reference commands

.PHONY: reference
reference: ## write docs/configuration.md, docs/stack.schema.json and docs/errors.md anew from the code
	$(GO) test -count=1 -tags $(TAGS) ./internal/stack -run '^TestReloadReference$$' -update
	$(GO) test -count=1 -tags $(TAGS) ./internal/config -run '^TestTheSchema|^TestTheReference' -update
	$(GO) test -count=1 ./internal/why -run '^TestThePageOfErrors|^TestNoCode' -update

.PHONY: commands
commands: ## write docs/commands.md anew from the tree of commands
	$(GO) test -count=1 -tags $(TAGS) ./internal/scripttest -run '^TestThePageOfCommandsIsCurrent$$' -update

# The pages are of a release: they go beside the program, under share/man/man1.
.PHONY: man
man: build ## write the manual pages into bin/man
	./bin/identityd man bin/man

# Helm is built for it (tools/helm), which takes minutes the first time.
.PHONY: manifests
manifests: ## render the chart anew, into the manifests of deploy/kubernetes and what tests look at
	tools/manifests.sh

# On CockroachDB too where IDENTITYD_TEST_CRDB_DSN names a cluster (docs/adr/0015-baseline.md).
.PHONY: baseline
baseline: ## make the baselines of empty databases anew from the engines' migrations
	$(GO) test -count=1 -tags $(TAGS) ./internal/stacktest -run '^TestBaselines$$' -update

# SITE_SOURCE: where the repository's files can be read; SITE_BASE: where the site will be. Both may be left out.
SITE_SOURCE ?=
SITE_BASE   ?=
.PHONY: site
site: ## make a static site of the documents in bin/site
	cd tools && CGO_ENABLED=0 $(GO) build -trimpath -o ../bin/make-site ./site
	bin/make-site -version "$(VERSION)" -source "$(SITE_SOURCE)" -base "$(SITE_BASE)" bin/site

.PHONY: diagrams
diagrams: ## draw docs/diagrams/*.svg anew from the texts beside them
	cd tools && $(GO) run ./diagrams ../docs/diagrams

.PHONY: scaling
scaling: ## compute the tables of docs/scaling.md anew
	$(GO) run ./internal/scaling/table -document docs/scaling.md

.PHONY: crdb-proof
crdb-proof: ## run the suite on a CockroachDB of yours (tools/crdb-proof.sh)
	tools/crdb-proof.sh

# What goes with a release: what is inside, under which licenses, and that nobody skipped the review (docs/security.md).
SUPPLY := cd tools && $(GO) build -o ../bin/supply ./supply

.PHONY: supply
supply: build ## check what is linked, and write the bill of materials beside the binary
	IDENTITYD_TEST_BINARY=$(CURDIR)/bin/identityd $(GO) test -tags $(TAGS) -count=1 ./security
	$(SUPPLY)
	bin/supply licenses -check internal/licenses/third_party.txt
	VERSION=$(VERSION) bin/supply sbom bin/identityd bin/identityd.cdx.json
	cp security/vex.json bin/identityd.vex.json

.PHONY: sbom
sbom: build ## write the bill of materials alone (CycloneDX)
	$(SUPPLY)
	VERSION=$(VERSION) bin/supply sbom bin/identityd bin/identityd.cdx.json

.PHONY: licenses
licenses: ## write the licenses of all that is linked anew
	$(SUPPLY)
	bin/supply licenses internal/licenses/third_party.txt

# Everything that a release is published from, into dist/: make release VERSION=1.4.0. SIGN is a command that gets the name of
# the file of checksums (docs/install.md, What a release has in it). DIRTY=1 tries it out on a tree with changes.
PLATFORMS ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
RELEASE   := cd tools && $(GO) build -o ../bin/release ./release
FACTS     := -version '$(VERSION)' -commit '$(COMMIT)' -date '$(DATE)'

.PHONY: release
release: ## make archives, image, sources, bills of materials and checksums in dist (VERSION=1.4.0)
	$(SUPPLY)
	$(RELEASE)
	bin/release $(FACTS) -tags '$(TAGS)' -ldflags '$(LDFLAGS)' -platforms '$(PLATFORMS)' $(if $(DIRTY),-dirty) -sign '$(SIGN)' dist

.PHONY: image
image: build ## make bin/identityd.oci.tar, the image of this machine's architecture, for docker load and podman load
	$(RELEASE)
	bin/release image $(FACTS) -platforms "linux/$$($(GO) env GOARCH)" -binary bin/identityd bin/identityd.oci.tar

.PHONY: reproducible
reproducible: ## make the release twice, as differently as can be, and compare (PLATFORMS, COLD=1)
	PLATFORMS='$(PLATFORMS)' tools/reproducible.sh

# Its database is at vuln.go.dev; a machine that cannot reach it says so instead of passing.
.PHONY: vulncheck
vulncheck: ## look for known vulnerabilities that are reached (needs vuln.go.dev)
	tools/vulncheck.sh

# Both sides, real PostgreSQL, real load: a quarter of an hour on two cores that do nothing else (docs/performance.md). BENCH="-quick" for two minutes.
BENCH ?=
.PHONY: bench
bench: ## measure identityd and the official set-up in one run, and write what came out into docs/performance.md
	tools/bench.sh run -document $(CURDIR)/docs/performance.md $(BENCH)

.PHONY: bench-compare
bench-compare: ## compare two results: make bench-compare OLD=a.json NEW=b.json; fails on what got worse than the noise
	cd bench && $(GO) run . compare $(abspath $(OLD)) $(abspath $(NEW))

.PHONY: bench-profile
bench-profile: ## write bin/identityd.pgo, a CPU profile of identityd under everything the bench does
	tools/bench.sh profile -out $(CURDIR)/bin/identityd.pgo

.PHONY: attack
attack: ## attack an identityd of its own with wapiti, ffuf, slowhttptest and testssl.sh
	tools/attack.sh

.PHONY: fuzz-short
fuzz-short: ## run every fuzzer for a moment
	tools/fuzz.sh $${IDENTITYD_FUZZTIME:-500x}

.PHONY: fuzz
fuzz: ## run every fuzzer for IDENTITYD_FUZZTIME (a minute)
	tools/fuzz.sh $${IDENTITYD_FUZZTIME:-60s}

.PHONY: clean
clean: ## remove what was built (never data)
	rm -rf bin
