# Holdfast. `make run` brings up everything on this machine, `make test` runs every test there is.

UV_VERSION := 0.13.8
UV := .tools/bin/uv
PYTHON := .venv/bin/python
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV

.PHONY: help install run stop token status check test simulate bench bench-report contracts picture browser clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: .venv/.installed node_modules/.installed browser ## everything the other targets need (Python 3.13, Node >= 20)

run: install ## start the local stack, play the main job, leave it up
	@$(PYTHON) -m local run

stop: ## end the local stack, and only what run started
	@test ! -x $(PYTHON) || $(PYTHON) -m local stop

status: install ## whether the local stack runs
	@$(PYTHON) -m local status

token: install ## a JWT of a demo user: make token USER=alice
	@$(PYTHON) -m local token $(USER)

check: install ## lint, types, import directions, generated contracts, synth of every stage
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PYTHON) -m local.openapi --check
	@for stage in local dev prod; do echo "cdk synth $$stage"; \
	  CDK_CONTEXT_JSON="{\"stage\":\"$$stage\",\"aws:cdk:bundling-stacks\":[]}" CDK_OUTDIR=.build/synth-$$stage \
	  $(PYTHON) -m infra.app || exit 1; done

test: install ## every test: rules, contracts, simulation, races, infrastructure, end to end
	$(PYTHON) -m pytest $(ARGS)

simulate: install ## more schedules: make simulate SEEDS=200000, or one again: make simulate SEED=4711
	$(PYTHON) -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),100000))

bench: install ## designs side by side, JSON lines: make bench, or one: make bench ONLY=contention
	@$(PYTHON) -m tests.bench $(if $(ONLY),--only $(ONLY))

bench-report: install ## render docs/bench into the README's tables
	@$(PYTHON) -m tests.bench.report

picture: install ## take docs/api-page.png anew
	@$(PYTHON) -m local.docs_picture

contracts: install ## generate openapi.json anew
	$(PYTHON) -m local.openapi

clean: stop ## remove what was built, keep what was installed
	rm -rf .build cdk.out .local

$(UV):
	python3 -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13) and "Python 3.13 is needed, this is " + sys.version)'
	python3 -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.installed: uv.lock pyproject.toml layers/holdfast/pyproject.toml | $(UV)
	@echo "installing the locked Python packages …"
	@$(UV) sync --frozen --quiet --python 3.13
	@touch $@

browser: # a headless Chromium opens the docs page in the tests
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	  echo "installing Chromium …"; apt-get -qq update && apt-get -qq install -y chromium >/dev/null; }

node_modules/.installed: package-lock.json
	@echo "installing the pinned CDK CLI …"
	@npm ci --no-audit --no-fund --silent
	@touch $@
