# make help lists what there is to run. Everything is set up on first use, into this clone only.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := $(CURDIR)/.venv/bin
SANDBOX := cd sandbox && .venv/bin/python -m arda_sandbox
DEMO_HOST ?= alpha002_dev
export PATH := $(VENV):$(PATH)
# Ansible refuses a locale that is not UTF-8, such as C.
export LC_ALL := C.UTF-8
export ANSIBLE_HOME := $(CURDIR)/.ansible
unexport PYTHONDONTWRITEBYTECODE
export MYPYPATH := $(CURDIR)/collections

.PHONY: help setup demo demo-page plan drift test unit exhaustive survive lint docs molecule versions importer coverage mutants sanity integration bench ee release sandbox sandbox-stop sandbox-status sandbox-reset clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Create the two environments (.venv, sandbox/.venv) unless they exist
	@$(PYTHON) scripts/setup.py

demo: setup ## Deploy one partition (DEMO_HOST) on the sandbox, and show the result
	@scripts/demo $(DEMO_HOST)

demo-page: setup ## Serve a page that uploads to DEMO_HOST and reads from it, until Ctrl-C
	@scripts/demo_page $(DEMO_HOST)

plan: setup ## Show what a deployment of DEMO_HOST on the sandbox would change; fails if there is a change
	@ansible-playbook playbooks/plan.yml -l $(DEMO_HOST)

drift: setup ## Show what differs from the declaration on the sandbox; fails if something differs
	@ansible-playbook playbooks/drift.yml -l $(DEMO_HOST)

test: setup ## Run every check and every test
	@scripts/test

unit: setup ## Run the unit tests, in seconds; T=expression selects some
	@pytest -q tests/unit $(if $(T),-k "$(T)")

integration: setup ## Run the tests on a sandbox of their own; T=expression selects some
	@pytest -q tests/sandbox $(if $(T),-k "$(T)")

exhaustive: setup ## Run the integration tests with every case; T=expression selects some
	@EXHAUSTIVE=1 pytest -q tests/sandbox $(if $(T),-k "$(T)")

survive: setup ## Disturb every AWS call of every kind of run, and repeat each race 20 times; takes hours
	@EXHAUSTIVE=1 pytest -q -n 3 tests/sandbox/test_survival.py tests/sandbox/test_races.py

lint: setup ## Check formatting, types, YAML, playbooks, docs and prose
	@scripts/lint

docs: setup ## Build the documentation site in build/site
	@mkdocs build --quiet && echo "make docs: SUCCESS, see build/site/index.html"

molecule: setup ## Run the molecule scenarios; S=name runs one
	@scripts/molecule $(S)

versions: setup ## Run the default scenario with every supported ansible-core
	@scripts/versions

importer: setup ## Import the built collection as Galaxy does
	@scripts/importer

coverage: setup ## Show which lines and branches of the plugins the tests execute; T=expression selects integration tests
	@T="$(T)" scripts/coverage

mutants: setup ## Check that the unit tests notice a changed operator or constant
	@python scripts/mutants.py

sanity: setup ## Run ansible-test sanity, all tests, without an ignore file
	@scripts/sanity

bench: setup ## Measure deployments, no-ops and plans beside the floor; RUNS=5 is the number of runs
	@python bench/bench.py

ee: setup ## Build the context of the execution environment in build/context
	@scripts/execution_environment

release: setup ## Create the files of release VERSION in build/release, and check its tag; publishes nothing
	@python scripts/release.py $(VERSION)

sandbox: setup ## Start the embedded AWS
	@$(SANDBOX) start

sandbox-stop: setup ## Stop the embedded AWS; its state is kept
	@$(SANDBOX) stop

sandbox-status: setup ## Show whether the embedded AWS runs
	@$(SANDBOX) status

sandbox-reset: setup ## Delete the state of the embedded AWS
	@$(SANDBOX) reset

clean: ## Stop the sandbox and remove everything that set-up and runs have created
	@if [ -x sandbox/.venv/bin/python ]; then $(SANDBOX) stop; fi
	@rm -rf .venv sandbox/.venv .tools .cache .ansible .sandbox artifacts build
