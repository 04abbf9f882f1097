# Everything that people and CI run. `make` alone lists the targets.

# Cargo and the test runners use all cores by themselves; side by side their output would be of no use.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

CARGO ?= cargo
# In CI a Cargo.lock that does not fit Cargo.toml is a mistake; elsewhere it is somebody adding a crate.
LOCKED := $(if $(CI),--locked)
BUILT := $(abspath $(or $(CARGO_TARGET_DIR),target))
PROGRAM := $(BUILT)/debug/nocobase-dingtalk
RELEASE := $(BUILT)/release
# A test waits for a database, a browser or another process half of its time.
export NEXTEST_TEST_THREADS ?= $(shell echo $$((2 * $$(nproc 2>/dev/null || echo 2))))
# Each commit of a database waits for the disk, and nobody needs the files of tests later. So they are in memory if there is room.
MEMORY := $(shell [ "$$(df -Pk /dev/shm 2>/dev/null | awk 'END { print $$4 }')" -gt 4000000 ] 2>/dev/null && echo /dev/shm)
test-%: export TMPDIR := $(or $(TMPDIR),$(MEMORY),/tmp)

# A file of tests that hangs fails after half an hour instead of holding up the run for ever.
NODE_TEST := node --test --test-timeout=1800000

.PHONY: help demo ui vendor build bench bench-gateway bench-scale bench-directory bench-directory-peer bench-events bench-messages test suites fetch test-vendor test-rust test-sqlite test-gateway test-postgres test-mariadb test-tls test-names test-mysql-like test-faults test-defences mutants test-sdk test-nocobase-sdk test-dotenv test-client test-browser test-browser-late screenshots test-peer test-tokens fuzz lint spelling workflows deny unused setup tools clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: tools ui build ## Try it: the server, NocoBase's web client and a fake DingTalk; Ctrl-C ends it
# With job control Ctrl-C reaches the program alone, and not make too, which would report a failure.
	@if [ -t 0 ]; then set -m; "$(PROGRAM)" demo; else exec "$(PROGRAM)" demo; fi

ui: tools ## Fetch NocoBase's web client into ui/
	@node scripts/fetch-ui.mjs

vendor: tools scripts/vendor/node_modules/.package-lock.json ## Make client/vendor/ again, from pinned npm packages
	@node scripts/vendor/build.mjs

build: tools
# With the features of the whole workspace, or crates would be built again after the tests; the benchmarks' program is not needed.
	@$(CARGO) build --workspace --bin nocobase-dingtalk $(LOCKED)

bench: ## Measure the server beside a handler that does nothing; not part of `make test`
	@scripts/setup bench
	@$(CARGO) build --release --workspace --bins $(LOCKED)
	@"$(RELEASE)/nocobase-dingtalk-bench" "$(RELEASE)/nocobase-dingtalk"

bench-gateway: ## Measure the gateway beside nginx; not part of `make test`
	@scripts/setup bench
	@$(CARGO) build --release --workspace --bins $(LOCKED)
	@"$(RELEASE)/nocobase-dingtalk-bench" gateway "$(RELEASE)/nocobase-dingtalk"
	@scripts/on-database postgres "$(RELEASE)/nocobase-dingtalk-bench" slow-database postgres "$(RELEASE)/nocobase-dingtalk"

bench-scale: ## Measure with ten accounts and with a million; BENCH_SCALE_MOST=50000 for a quick try
	@scripts/setup bench
	@$(CARGO) build --release --workspace --bins $(LOCKED)
# One missed bar is no reason to leave out the rest.
	@missed=0; for database in sqlite postgres mariadb; do \
	  run=$$([ $$database = sqlite ] || echo "scripts/on-database $$database"); \
	  $$run "$(RELEASE)/nocobase-dingtalk-bench" scale "$(RELEASE)/nocobase-dingtalk" $$database || missed=1; \
	done; exit $$missed

bench-directory: ## Measure runs of a directory; BENCH_DIRECTORY_PEOPLE=500 for a quick try
	@scripts/setup bench
	@$(CARGO) build --release --workspace --bins $(LOCKED)
	@"$(RELEASE)/nocobase-dingtalk-bench" directory "$(RELEASE)/nocobase-dingtalk"

bench-directory-peer: tests/browser/node_modules/.package-lock.json ## Measure a run into a real NocoBase on PostgreSQL beside NocoBase's own push
	@scripts/setup test
	@$(CARGO) build --release --workspace --bins $(LOCKED)
	@DB_DIALECT=postgres NOCOBASE_DINGTALK_BIN="$(RELEASE)/nocobase-dingtalk" scripts/on-database postgres \
	  node tests/browser/peer/directory-speed.mjs

bench-events: ## Measure events that come in a burst; BENCH_EVENTS=500 for a quick try
	@scripts/setup bench
	@$(CARGO) build --release --workspace --bins $(LOCKED)
	@"$(RELEASE)/nocobase-dingtalk-bench" events "$(RELEASE)/nocobase-dingtalk"

bench-messages: ## Measure messages on their way to DingTalk; BENCH_MESSAGES=150 BENCH_MESSAGES_OLD=50000 for a quick try
	@scripts/setup bench
	@$(CARGO) build --release --workspace --bins $(LOCKED)
	@"$(RELEASE)/nocobase-dingtalk-bench" messages "$(RELEASE)/nocobase-dingtalk"

test: setup ## Everything, set-up included
	@scripts/while-fetching $(MAKE) lint
	@$(MAKE) suites
	@scripts/deny --without-installing

suites: spelling test-vendor test-rust test-dotenv test-client test-sdk test-nocobase-sdk test-browser ## All tests, without the set-up and `make lint`

NODE_MODULES := $(addsuffix /node_modules/.package-lock.json,scripts/vendor tests/dotenv tests/client tests/sdk-node tests/sdk-nocobase tests/browser)
fetch: ui .venv/requirements.txt $(NODE_MODULES) ## Fetch what tests need and Cargo does not fetch

test-vendor: tools scripts/vendor/node_modules/.package-lock.json ## client/vendor/ is what its script makes
	@node scripts/vendor/build.mjs --check

test-rust: test-sqlite test-postgres test-mariadb test-tls ## Unit tests, and HTTP tests on each kind of database

test-sqlite: tools ## Unit tests, and HTTP tests on SQLite
# An example in documentation is a test, which nextest does not run. Without any, Cargo would read each crate again for nothing.
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
	  grep -rqE '^ *//[/!]( {5}| *(```|~~~))|^ */[*][*!]|^ *#!?\[.*doc *=' --include='*.rs' src entity migration sandbox/src; \
	  [ $$? = 1 ] || $(CARGO) test --doc --workspace --quiet $(LOCKED) || exit 1; \
	  $(CARGO) nextest run --workspace $(LOCKED); \
	else $(CARGO) test --workspace $(LOCKED); fi

test-gateway: tools ## Tests of the program that is a gateway alone, on SQLite; not part of `make test`
	@$(CARGO) clippy --workspace --all-targets --no-default-features $(LOCKED) -- -D warnings
	@$(if $(shell $(CARGO) nextest --version 2>/dev/null), \
	  $(CARGO) nextest run --workspace --no-default-features $(LOCKED), \
	  $(CARGO) test --workspace --no-default-features $(LOCKED))

# Names of tables and columns other than NocoBase's own. Each test asks for them by these variables.
OTHER_NAMES := TEST_DB_UNDERSCORED=true TEST_DB_TABLE_PREFIX=nb_
# Modules of tests that look at files of this repository and at no database. Once, with SQLite, is enough.
OF_FILES := documents import_circles layers logged_errors
empty :=
OF_FILES_PATTERN := $(subst $(empty) $(empty),|,$(OF_FILES))
# The HTTP tests. Built for the whole workspace as above, or crates would be built again with other features.
HTTP_TESTS = $(if $(shell $(CARGO) nextest --version 2>/dev/null), \
	$(CARGO) nextest run --workspace $(LOCKED) -E 'binary_id(nocobase-dingtalk::it) and not test(/^($(OF_FILES_PATTERN))::/)', \
	$(CARGO) test --workspace --test it $(LOCKED) -- $(addprefix --skip ,$(addsuffix ::,$(OF_FILES))))

test-postgres: tools ## HTTP tests on PostgreSQL; left out where there is no server
	@TEST_DATABASE=postgres scripts/on-database postgres $(HTTP_TESTS)

test-mariadb: tools ## HTTP tests on MariaDB with DB_UNDERSCORED and DB_TABLE_PREFIX; left out where there is no server
# NocoBase's guide sets DB_UNDERSCORED for MySQL, so those names are tried here and not on each kind of database.
	@$(OTHER_NAMES) TEST_DATABASE=mariadb scripts/on-database mariadb $(HTTP_TESTS)

test-tls: tools ## TLS to PostgreSQL and MariaDB, with certificates of its own
	@for database in postgres mariadb; do \
	  TEST_DATABASE=$$database scripts/on-database --tls $$database \
	    $(CARGO) test --workspace --test it $(LOCKED) database_tls -- --include-ignored || exit 1; \
	done

test-names: tools ## HTTP tests with the names that `make test` does not try on each kind of database; not part of it
	@$(OTHER_NAMES) $(HTTP_TESTS)
	@$(OTHER_NAMES) TEST_DATABASE=postgres scripts/on-database postgres $(HTTP_TESTS)
	@TEST_DATABASE=mariadb scripts/on-database mariadb $(HTTP_TESTS)

test-mysql-like: tools ## HTTP tests on a MariaDB that is as strict as MySQL 8 can be, with DB_UNDERSCORED; see docs/mysql.md
	@TEST_DB_UNDERSCORED=true TEST_DB_COLLATION=utf8mb4_uca1400_nopad_ai_ci TEST_DATABASE=mariadb \
	  scripts/on-database --like-mysql mariadb $(HTTP_TESTS)

test-faults: tools ## Killed servers and a failing DingTalk at full length, on each kind of database; takes long
	@for database in sqlite postgres mariadb; do \
	  run=$$([ $$database = sqlite ] || echo "scripts/on-database $$database"); \
	  echo "Faults on $$database"; \
	  FAULTS=full TEST_DATABASE=$$database $$run $(if $(shell $(CARGO) nextest --version 2>/dev/null), \
	    $(CARGO) nextest run --workspace $(LOCKED) --profile faults -E 'binary_id(nocobase-dingtalk::it) and (test(faults::) or test(bad_days::))' --success-output final, \
	    $(CARGO) test --workspace --test it $(LOCKED) -- faults:: bad_days:: --nocapture --test-threads 1) || exit 1; \
	done

test-defences: tools ## Take out one defence after the other, and see its tests fail; takes half an hour
	@$(CARGO) nextest --version >/dev/null 2>&1 || $(CARGO) install cargo-nextest --locked
	@node tests/defences/run.mjs

mutants: tools ## Change the rules and the gateway in one place after the other, and list changes that no unit test notices; MUTANTS="--shard 0/20" for a sample
	@$(CARGO) nextest --version >/dev/null 2>&1 || $(CARGO) install cargo-nextest --locked
	@$(CARGO) mutants --version >/dev/null 2>&1 || $(CARGO) install cargo-mutants --locked
	@$(CARGO) mutants $(MUTANTS)

test-sdk: setup build .venv/requirements.txt tests/sdk-node/node_modules/.package-lock.json ## DingTalk's own SDKs against the sandbox
	@SANDBOX_COMMAND="'$(PROGRAM)' sandbox" .venv/bin/pytest tests/sdk
	@cd tests/sdk-node && NOCOBASE_DINGTALK_BIN="$(PROGRAM)" $(NODE_TEST) --test-reporter=spec

test-nocobase-sdk: build tests/sdk-nocobase/node_modules/.package-lock.json ## NocoBase's own client library, against the server
	@cd tests/sdk-nocobase && NOCOBASE_DINGTALK_BIN="$(PROGRAM)" $(NODE_TEST) --test-reporter=spec

test-dotenv: tools tests/dotenv/node_modules/.package-lock.json ## What npm's dotenv reads in the files that the Rust tests have, too
	@cd tests/dotenv && $(NODE_TEST) --test-reporter=dot

test-client: build tests/client/node_modules/.package-lock.json ## The browser half is ES2018, asks for no newer built-in, and is small
	@cd tests/client && NOCOBASE_DINGTALK_BIN="$(PROGRAM)" $(NODE_TEST) --test-reporter=dot

test-browser: setup build ui tests/browser/node_modules/.package-lock.json ## NocoBase's web client in Chromium
# Two files at once: half the time a page waits.
	@cd tests/browser && NOCOBASE_DINGTALK_BIN="$(PROGRAM)" $(NODE_TEST) --test-concurrency=2 --test-reporter=spec

test-browser-late: export LATE_ANSWERS_MS ?= 300
test-browser-late: test-browser ## The same with answers that come late and in any order, for stories that read a page too early; not part of `make test`

screenshots: setup build ui tests/browser/node_modules/.package-lock.json ## Take the pictures in docs/images again
	@cd tests/browser && NOCOBASE_DINGTALK_BIN="$(PROGRAM)" node screenshots.mjs

test-peer: setup build tests/browser/node_modules/.package-lock.json ## The gateway before a real NocoBase, which is installed in peer/
	@for database in sqlite postgres mariadb; do \
	  run=$$([ $$database = sqlite ] || echo "scripts/on-database $$database"); \
	  echo "NocoBase on $$database"; \
	  DB_DIALECT=$$database NOCOBASE_DINGTALK_BIN="$(PROGRAM)" $$run \
	    sh -c 'cd tests/browser && node --test --test-reporter=spec peer/journeys.mjs' || exit 1; \
	  echo "NocoBase's page «Synchronize» on $$database"; \
	  DB_DIALECT=$$database NOCOBASE_DINGTALK_BIN="$(PROGRAM)" $$run \
	    sh -c 'cd tests/browser && node --test --test-reporter=spec peer/synchronize.mjs' || exit 1; \
	  echo "Events before NocoBase on $$database"; \
	  DB_DIALECT=$$database NOCOBASE_DINGTALK_BIN="$(PROGRAM)" $$run \
	    sh -c 'cd tests/browser && node --test --test-reporter=spec peer/events.mjs' || exit 1; \
	  echo "Steps of a directory sync, done by NocoBase on $$database"; \
	  DB_DIALECT=$$database $$run node tests/browser/peer/beside.mjs \
	    $(CARGO) test $(LOCKED) --workspace --test it steps_peer:: -- --ignored --test-threads 1 || exit 1; \
	done
	@echo "NocoBase on mariadb with DB_UNDERSCORED and DB_TABLE_PREFIX, and on postgres with DB_SCHEMA and DB_TABLE_PREFIX"
	@DB_DIALECT=mariadb DB_UNDERSCORED=true DB_TABLE_PREFIX=nb_ NOCOBASE_DINGTALK_BIN="$(PROGRAM)" scripts/on-database mariadb \
	  sh -c 'cd tests/browser && node --test --test-reporter=spec peer/journeys.mjs'
	@DB_DIALECT=postgres DB_SCHEMA=office DB_TABLE_PREFIX=nb_ NOCOBASE_DINGTALK_BIN="$(PROGRAM)" scripts/on-database postgres \
	  sh -c 'cd tests/browser && node --test --test-reporter=spec peer/journeys.mjs'
# MariaDB as NocoBase's guide installs it.
	@for database in sqlite postgres mariadb; do \
	  run=$$([ $$database = sqlite ] || echo "scripts/on-database $$database"); \
	  names=$$([ $$database != mariadb ] || echo DB_UNDERSCORED=true); \
	  echo "README's gateway section on $$database"; \
	  env $$names DB_DIALECT=$$database NOCOBASE_DINGTALK_BIN="$(PROGRAM)" $$run \
	    sh -c 'cd tests/browser && node --test --test-reporter=spec peer/by-the-book.mjs' || exit 1; \
	done
	@echo "Recorded exchanges, at NocoBase and through the gateway"
	@NOCOBASE_DINGTALK_BIN="$(PROGRAM)" node tests/browser/peer/replay.mjs
	@echo "Requests that NocoBase and the gateway could read differently"
	@cd tests/browser && NOCOBASE_DINGTALK_BIN="$(PROGRAM)" node --test --test-reporter=spec peer/reads-alike.mjs

test-tokens: tools ## Tokens, with a running NocoBase; tests/it/peer.rs says what it needs
	@$(CARGO) test $(LOCKED) --test it peer:: -- --ignored --nocapture

# No code here is unsafe, so a sanitizer would find nothing, and without one the stable compiler can build the targets.
FUZZ := $(CARGO) fuzz
FUZZ_SECONDS ?= 5
FUZZ_TARGETS := $(sort $(notdir $(basename $(wildcard fuzz/fuzz_targets/*.rs))))

fuzz: tools ## Random input for each parser, FUZZ_SECONDS long; not part of `make test`, which tries the known ones
	@$(FUZZ) --version >/dev/null 2>&1 || $(CARGO) install cargo-fuzz --version '^0.13' --locked
	@$(FUZZ) build --sanitizer none
	@for target in $(FUZZ_TARGETS); do \
	  mkdir -p fuzz/corpus/$$target; echo "$$target:"; \
	  $(FUZZ) run --sanitizer none $$target fuzz/corpus/$$target fuzz/seeds/$$target -- \
	    -max_total_time=$(FUZZ_SECONDS) -timeout=5 -verbosity=0 -print_final_stats=1 || exit 1; \
	done

lint: tools ## Format, layers, sizes of files, places of defences, Clippy and documentation, with every warning an error
	@$(CARGO) fmt --all --check
	@scripts/check-layers
	@scripts/check-sizes
	@node tests/defences/run.mjs --check
	@scripts/check-logs.mjs
	@$(CARGO) clippy --workspace --all-targets $(LOCKED) -- -D warnings
# The program that is only a gateway; `make test-gateway` looks at its tests and runs them.
	@$(CARGO) clippy --workspace --lib --bins --no-default-features $(LOCKED) -- -D warnings
# The documentation is for who works here, private items and all, so links to those are no mistake.
	@RUSTDOCFLAGS='-D warnings -A rustdoc::private_intra_doc_links' \
	  $(CARGO) doc --workspace --no-deps --document-private-items $(LOCKED)

spelling: .venv/requirements.txt ## Check spelling with typos
	@.venv/bin/typos

# Go checks what it fetches against its public log of checksums. The hook in .pre-commit-config.yaml has the same version.
workflows: ## Check .github/workflows with actionlint, which needs Go; not part of `make test`
	@go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

unused: tools ## Check that each dependency is used; not part of `make test`
# The metadata say under which names the crates of this workspace are imported.
	@$(CARGO) machete --version >/dev/null 2>&1 || $(CARGO) install cargo-machete --version '^0.9' --locked --debug
	@$(CARGO) machete --with-metadata

deny: tools ## Check dependencies: bans, licences, sources
	@scripts/deny

setup: ## Install what the tests need from Debian's packages
	@scripts/setup test

tools:
	@scripts/setup build

clean: ## Remove what was built or fetched; the demo's data in storage/ stays
	@$(CARGO) clean
	@rm -rf fuzz/target fuzz/corpus fuzz/artifacts ui .venv tests/browser/node_modules tests/sdk-node/node_modules tests/sdk-nocobase/node_modules tests/dotenv/node_modules tests/client/node_modules scripts/vendor/node_modules test-results

# This copy is written last. It shows that these requirements were installed completely.
.venv/requirements.txt: tests/sdk/requirements.txt
	@python3 -m venv --clear .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@cp $< $@

%/node_modules/.package-lock.json: %/package-lock.json
	@cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
