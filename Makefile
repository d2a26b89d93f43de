# underhood: `make serve` brings up the site, `make test` runs every test. Both do their own set-up
# and are quick the second time. See CONTRIBUTING.md.

LISTEN ?= 127.0.0.1:8080
FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?=
SOAK_RUNS ?= 10000
SOAK_REQUESTS ?= 20000
BENCH ?=

RELEASE := target/release/underhood
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' \
	-not -path 'web/test-results/*' -not -path 'web/playwright-report/*')

.DEFAULT_GOAL := help
.PHONY: help serve test test-vm fuzz soak bench bench-check bench-sandbox bench-fairness bench-load release web clean setup rebuild
.NOTPARALLEL:

help:
	@echo 'make serve    build the site and serve it on http://$(LISTEN) (LISTEN=ADDRESS:PORT for another)'
	@echo 'make test     every test: page scripts, Rust, sandbox attacks, fuzzing, a guest with cgroup v2, browser'
	@echo 'make test-vm  all tests of limits in a guest whose kernel has cgroup v2, under qemu'
	@echo 'make fuzz     new inputs for each parser, for FUZZ_SECONDS=$(FUZZ_SECONDS) (FUZZ_TARGETS="request plan" for some)'
	@echo 'make soak     SOAK_RUNS=$(SOAK_RUNS) runs, one in ten hostile, and SOAK_REQUESTS=$(SOAK_REQUESTS) of all kinds; what they leave behind'
	@echo 'make bench    clicks against the bare tools, all targets; into benches/RESULTS.md (BENCH="escape run" for some)'
	@echo 'make bench-check  check over all examples, against a shell loop of the go commands'
	@echo 'make bench-sandbox, bench-fairness   what the sandbox costs; how much attackers slow others down'
	@echo 'make bench-load  1, 2, 4 and 8 times what the machine can take'
	@echo 'make release  build $(RELEASE)'
	@echo 'make web      build the page scripts and styles into web/dist'
	@echo 'make clean    remove everything that was built'

serve: release
	@scripts/toolchain.sh $(RELEASE)
	@exec $(RELEASE) serve --listen $(LISTEN)

test: web
	@scripts/setup.sh fuzz tests
	@scripts/test.sh

test-vm: web
	@scripts/setup.sh rust vm
	@scripts/vm.sh

fuzz: web
	@scripts/setup.sh fuzz
	@scripts/fuzz.sh --keep $(FUZZ_SECONDS) $(FUZZ_TARGETS)

soak: release
	@scripts/toolchain.sh $(RELEASE)
	UNDERHOOD_TEST_BINARY=$(CURDIR)/$(RELEASE) UNDERHOOD_SOAK_RUNS=$(SOAK_RUNS) UNDERHOOD_SOAK_REQUESTS=$(SOAK_REQUESTS) \
		cargo test --locked --test suite soak:: -- --nocapture

bench: release
	@scripts/setup.sh bench
	@scripts/toolchain.sh $(RELEASE)
	@scripts/bench.sh $(RELEASE) $(BENCH)

bench-check bench-sandbox bench-fairness bench-load: release
	@scripts/setup.sh bench
	@scripts/toolchain.sh $(RELEASE)
	@scripts/$@.sh $(RELEASE)

# The binary holds the pages, so web/dist comes first.
release: web
	cargo build --release --locked

web: setup web/node_modules/.built

rebuild: ;

setup:
	@scripts/setup.sh rust web

# The stamps lie outside of web/dist, since everything in there is served.
web/node_modules/.built: web/node_modules/.installed $(WEB_SOURCES) $(if $(wildcard web/dist/*),,rebuild)
	cd web && npm run build
	@touch $@

# npm ci throws node_modules away and so takes a while: only when the lock file has changed.
web/node_modules/.installed: web/package-lock.json
	cd web && npm ci
	@touch $@

clean:
	cargo clean
	rm -rf web/dist web/node_modules
