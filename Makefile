# The two main targets: `make demo` (a scripted match) and `make test` (the whole gate).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH_VENV := .venv-bench
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-package toteboard-client --custom-compile-command 'make lock' --group build
LOCK_FLAGS ?=
PARALLEL := -n auto --dist loadgroup
BENCH_FLAGS ?=
SEEDS ?= 2000
SIM_FLAGS ?=
INPUTS ?= 100000
FUZZ_FLAGS ?=
FRAMES ?= 10000
HOSTILE_FLAGS ?=
FRAMES_FLAGS ?=
CUTS ?= 10000
POWER_FLAGS ?=
CLIENT_CUTS ?= 500
CLIENT_FLAGS ?=
CYCLES ?= 500
FAULTS ?= 100
TERMS_FLAGS ?=
KILLS_FLAGS ?=
MINUTES ?= 60
SOAK_FLAGS ?=
TILL_FLAGS ?=
CORRUPTION_FLAGS ?=
POOLS ?= 1000000
CHAINS ?= 200000
ASYNCAPI := tests/asyncapi
AXE := tests/axe
PAGE := toteboard/page
MUTANTS := build/mutants
CLIENT := clients/python
JS_CLIENT := clients/js

.PHONY: demo demo-cluster test test-workers test-cluster deep lint types docs bench sim terms fuzz fuzz-http frames \
	hostile power kills cluster-faults clients-cuts soak till corruption pools corrections mutants lock \
	page browser engine clean
.NOTPARALLEL:
.DELETE_ON_ERROR:

demo: $(VENV)/installed page
	@$(BIN)/toteboard demo

# A match on three nodes and PostgreSQL with two standbys; the node that leads is killed again and
# again.
demo-cluster: $(VENV)/installed-dev page engine
	@$(BIN)/python -m tests.campaigns.cluster.demo

test: lint types page browser engine $(ASYNCAPI)/node_modules/installed $(AXE)/node_modules/installed $(JS_CLIENT)/node_modules/installed
	@$(BIN)/pytest $(PARALLEL)

# The property tests with 20 times the examples or more, the campaigns that `make test` shortens, and
# an upgrade and a restore whose power is cut at every write.
deep: $(VENV)/installed-dev
	@TOTEBOARD_DEEP=1 $(BIN)/pytest $(PARALLEL) -m 'deep or hypothesis'

# The tests of the real process once more, each server with three workers. Fifteen minutes.
test-workers: $(VENV)/installed-dev
	@WORKERS=3 $(BIN)/pytest -n 2 --dist loadgroup tests/e2e

# All tests of nodes of a cluster, with real processes and a real PostgreSQL. Ten minutes.
test-cluster: $(VENV)/installed-dev engine
	@TOTEBOARD_DEEP=1 $(BIN)/pytest tests/e2e/cluster tests/campaigns/cluster

lint: $(VENV)/installed-dev
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/lint-imports --no-logo

types: $(VENV)/installed-dev
	@$(BIN)/mypy

bench: $(BENCH_VENV)/installed
	@$(BENCH_VENV)/bin/python -m bench.suite $(BENCH_FLAGS)

# Changes the rules of money in some 1,000 ways, one at a time, in a copy: which do the tests not
# notice? Hours. What may survive, and why: docs/explanation/campaigns.md.
mutants: $(VENV)/installed-dev
	@$(PIP) install 'cosmic-ray>=8.7,<9'
	@rm -rf $(MUTANTS) && mkdir -p $(MUTANTS)
	@cp -r game protocol storage actors toteboard clients tests pyproject.toml $(MUTANTS)
	@cd $(MUTANTS) && PATH="../../$(BIN):$$PATH" && \
		cosmic-ray init tests/mutants.toml all.sqlite && \
		cosmic-ray --verbosity ERROR exec tests/mutants.toml all.sqlite && \
		cr-report --surviving-only --show-diff all.sqlite

# Many simulated worlds; SIM_FLAGS='--seed 17' plays one again, --mutations lists the bugs it finds.
sim: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.sim --seeds $(SEEDS) $(SIM_FLAGS)

# Many simulated clusters; TERMS_FLAGS='--seed 17' plays one again, --mutations lists the bugs it finds.
terms: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.terms --seeds $(SEEDS) $(TERMS_FLAGS)

# Bad messages through the whole server, led by coverage; --mutations lists the bugs it finds.
fuzz: $(VENV)/installed-dev
	@$(PIP) install 'atheris>=3,<4'
	@$(BIN)/python -m tests.campaigns.fuzz messages --inputs $(INPUTS) $(FUZZ_FLAGS)

# Bad HTTP at both ports of the whole server, led by coverage.
fuzz-http: $(VENV)/installed-dev
	@$(PIP) install 'atheris>=3,<4'
	@$(BIN)/python -m tests.campaigns.fuzz http --inputs $(INPUTS) $(FUZZ_FLAGS)

# Malformed frames, handshakes and HTTP over real sockets; --mutations lists the bugs it finds.
frames: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.fuzz frames --frames $(FRAMES) $(FRAMES_FLAGS)

# 1,000 hostile connections for a minute, while health and a player are asked and timed: a second is
# the most that they may wait. HOSTILE_FLAGS='--addresses 250' lets them come from many addresses.
hostile: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.fuzz hostile $(HOSTILE_FLAGS)

# A recorded match, its power cut at each sync and at so many random moments:
# docs/explanation/campaigns.md.
# POWER_FLAGS='--again --cut 17' makes one of them again.
power: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.power --cuts $(CUTS) $(POWER_FLAGS)

# Cut the connections of each client at so many random bytes: is anything lost or repeated? Ten
# minutes. CLIENT_FLAGS='--client js --seed 2'.
clients-cuts: $(VENV)/installed-dev $(JS_CLIENT)/node_modules/installed
	@$(BIN)/python -m tests.clients.cuts --cuts $(CLIENT_CUTS) $(CLIENT_FLAGS)

# Kill -9 of a real server under 200 bettors, in half an hour to an hour; KILLS_FLAGS='--seed 2'.
kills: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.kills --cycles $(CYCLES) $(KILLS_FLAGS)

# Three real nodes and PostgreSQL with two standbys are killed, paused and upgraded under 200
# bettors and 1,000 watchers, some ten seconds for each; CLUSTER_FLAGS='--only kill --seed 2'.
cluster-faults: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.cluster --faults $(FAULTS) $(CLUSTER_FLAGS)

# A server at work for an hour: is what it takes the same at the end as at the beginning?
soak: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.soak --minutes $(MINUTES) $(SOAK_FLAGS)

# Bets and payments of the same users at once: does everything that was told agree with the statements?
till: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.till $(TILL_FLAGS)

# The file of a match, changed in every way there is: what does `toteboard check` not find?
corruption: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.corruption $(CORRUPTION_FLAGS)

# Random pools under random policies, settled by the rules and again by the letter of the documentation.
pools: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.pools --pools $(POOLS)

# Random pools whose result is corrected up to four times, while their players spend what they have.
corrections: $(VENV)/installed-dev
	@$(BIN)/python -m tests.campaigns.corrections --chains $(CHAINS)

# The pages and the parts of the clients that are generated from the op table, and the types of the
# client for JavaScript. The tests fail while one is stale.
docs: $(VENV)/installed-dev $(JS_CLIENT)/node_modules/installed
	@$(BIN)/python -m protocol.spec protocol > docs/reference/protocol.md
	@$(BIN)/python -m protocol.spec ops > docs/reference/ops.md
	@$(BIN)/toteboard asyncapi > docs/reference/asyncapi.json
	@$(BIN)/python -m clients.generate
	@cd $(JS_CLIENT) && npm run --silent types

# Pins stay as they are unless pyproject.toml asks otherwise; LOCK_FLAGS=--upgrade renews them.
lock: $(VENV)/created
	@$(PIP) install 'uv>=0.13'
	@$(LOCK) $(LOCK_FLAGS) --output-file requirements.lock pyproject.toml
	@$(LOCK) $(LOCK_FLAGS) --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock pyproject.toml
	@$(LOCK) $(LOCK_FLAGS) --extra bench --constraint requirements.lock \
		--output-file requirements-bench.lock pyproject.toml

page: $(PAGE)/vendor/preact.js

# The libraries of the page, by exact version and hash, and the client: copied as they are, never
# committed.
$(PAGE)/vendor/preact.js: $(PAGE)/package.json $(PAGE)/package-lock.json $(PAGE)/vendor.mjs \
		$(wildcard $(JS_CLIENT)/src/*.js $(JS_CLIENT)/src/generated/*.js)
	@command -v npm >/dev/null || { echo "The page needs Node 20 or newer, with npm" >&2; exit 1; }
	@echo "fetching the libraries of the page"
	@cd $(PAGE) && npm ci --silent --ignore-scripts --no-audit --no-fund && node vendor.mjs

# For the tests of the page. Without it they are skipped, and say so; in CI they fail.
browser:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing chromium"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends chromium chromium-driver >/dev/null; \
	else echo "No chromium and chromedriver: the page's tests in a browser are skipped" >&2; fi

# For the tests of a cluster: PostgreSQL's programs, without the server that Debian starts by itself.
# Without them the tests are skipped, and say so; in CI they fail.
engine:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing postgresql"; export DEBIAN_FRONTEND=noninteractive; apt-get update -qq && \
		apt-get install -y -qq --no-install-recommends postgresql-common >/dev/null && \
		mkdir -p /etc/postgresql-common/createcluster.d && \
		echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.d/toteboard.conf && \
		apt-get install -y -qq --no-install-recommends postgresql >/dev/null; \
	else echo "No PostgreSQL: the tests of a cluster are skipped" >&2; fi

clean:
	@rm -rf $(VENV) $(BENCH_VENV) $(PAGE)/node_modules $(PAGE)/vendor $(ASYNCAPI)/node_modules $(AXE)/node_modules $(JS_CLIENT)/node_modules \
		build dist bench/.work
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The files below are empty: their dates say when a step was last done.

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Toteboard needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 1; }
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# An optimised build of Python, if there is one on PATH; `make PYTHON=...` overrides the choice. Its
# packages come from the other environment's pip, because Debian's Python has none of its own.
$(BENCH_VENV)/created: $(VENV)/created
	@python=$(if $(filter file,$(origin PYTHON)),$$($(BIN)/python -m bench.interpreter),$(PYTHON)) && \
		echo "making $(BENCH_VENV) with $$python" && \
		$$python -m venv --clear --without-pip $(BENCH_VENV)
	@touch $@

$(VENV)/installed $(VENV)/installed-dev: INSTALL := $(PIP) install
$(BENCH_VENV)/installed: INSTALL := $(PIP) --python $(BENCH_VENV)/bin/python install
$(VENV)/installed: LOCKED := requirements.lock
$(VENV)/installed: requirements.lock
$(VENV)/installed-dev: LOCKED := requirements-dev.lock
$(VENV)/installed-dev: requirements-dev.lock
$(BENCH_VENV)/installed: LOCKED := requirements-bench.lock
$(BENCH_VENV)/installed: requirements-bench.lock $(BENCH_VENV)/created

$(VENV)/installed $(VENV)/installed-dev $(BENCH_VENV)/installed: $(VENV)/created pyproject.toml $(CLIENT)/pyproject.toml toteboard/__init__.py
	@echo "installing $(LOCKED)"
	@$(INSTALL) --require-hashes --requirement $(LOCKED)
	@$(INSTALL) --no-deps --no-build-isolation --no-index --editable . --editable $(CLIENT)
	@touch $@

$(ASYNCAPI)/node_modules/installed: $(ASYNCAPI)/package-lock.json
	@echo "installing the AsyncAPI parser"
	@cd $(ASYNCAPI) && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(AXE)/node_modules/installed: $(AXE)/package-lock.json
	@echo "installing axe-core"
	@cd $(AXE) && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(JS_CLIENT)/node_modules/installed: $(JS_CLIENT)/package-lock.json
	@echo "installing the tools of the client for JavaScript"
	@cd $(JS_CLIENT) && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
