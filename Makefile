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

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make the two environments (.venv, sandbox/.venv); quick when they are there
	@$(PYTHON) scripts/setup.py

demo: setup ## Deploy one partition (DEMO_HOST) on the sandbox, and show what was done
	@scripts/demo $(DEMO_HOST)

demo-page: setup ## Serve a page that uploads to DEMO_HOST and reads from it, until Ctrl-C
	@scripts/demo_page $(DEMO_HOST)

plan: setup ## What a deployment of DEMO_HOST on the sandbox would change; it fails if that is something
	@ansible-playbook playbooks/plan.yml -l $(DEMO_HOST)

drift: setup ## What differs from its declaration on the sandbox; it fails if that is something
	@ansible-playbook playbooks/drift.yml -l $(DEMO_HOST)

test: setup ## Every check and every test
	@scripts/test

unit: setup ## The tests of pure decisions, in seconds; T=expression selects some
	@pytest -q tests/unit $(if $(T),-k "$(T)")

integration: setup ## The tests on a sandbox of their own; T=expression selects some
	@pytest -q tests/sandbox $(if $(T),-k "$(T)")

exhaustive: setup ## The integration tests with every case of what make test tries in part; T=expression selects some
	@EXHAUSTIVE=1 pytest -q tests/sandbox $(if $(T),-k "$(T)")

survive: setup ## Every AWS call of every kind of run disturbed, each race 20 times; takes hours
	@EXHAUSTIVE=1 pytest -q -n 3 tests/sandbox/test_survival.py tests/sandbox/test_races.py

lint: setup ## Formatting, types, YAML, playbooks and docs
	@scripts/lint

docs: setup ## The documentation as a site, in build/site
	@mkdocs build --quiet && echo "make docs: SUCCESS, see build/site/index.html"

molecule: setup ## The molecule scenarios; S=name runs one
	@scripts/molecule $(S)

versions: setup ## The default scenario under every supported ansible-core, each in an environment of its own
	@scripts/versions

importer: setup ## Import the built collection as Galaxy does
	@scripts/importer

coverage: setup ## Which lines and branches of the plugins the tests execute; T=expression selects integration tests
	@T="$(T)" scripts/coverage

mutants: setup ## Whether the unit tests notice a changed operator or constant of the decision code
	@python scripts/mutants.py

sanity: setup ## ansible-test sanity, all tests, without an ignore file
	@scripts/sanity

bench: setup ## Measure deployments, no-ops and plans beside the floor; RUNS=5 is the number of runs
	@python bench/bench.py

ee: setup ## Build the context of the execution environment, in build/context
	@scripts/execution_environment

release: setup ## Make the files of release VERSION in build/release, and check its tag; publishes nothing
	@python scripts/release.py $(VERSION)

sandbox: setup ## Start the embedded AWS
	@$(SANDBOX) start

sandbox-stop: setup ## Stop the embedded AWS; its state is kept
	@$(SANDBOX) stop

sandbox-status: setup ## Say whether the embedded AWS runs
	@$(SANDBOX) status

sandbox-reset: setup ## Forget the state of the embedded AWS
	@$(SANDBOX) reset

clean: ## Stop the sandbox and remove all that set-up and runs have made
	@if [ -x sandbox/.venv/bin/python ]; then $(SANDBOX) stop; fi
	@rm -rf .venv sandbox/.venv .tools .cache .ansible .sandbox artifacts build
