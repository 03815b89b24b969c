# `make help` says what there is. The work is done by the scripts in tools/.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

.PHONY: help start dev test test-fast test-browser chaos build setup measure load screenshots clean-data

help: ## Say what there is
	@echo "Codika Dashboard"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Needed: Linux, Rust, Node.js 20, make. Everything else is set up by the commands themselves."

start: ## Set up, build and run the dashboard at http://127.0.0.1:3000
	@exec tools/start.sh

dev: ## The same, rebuilt and reloaded whenever a source changes
	@exec tools/dev.sh

test: ## Set up and run all checks and tests
	@exec tools/test.sh

test-fast: ## The loop: format, lints, unit and store tests; no browser
	@exec tools/test.sh fast

test-browser: build ## Only the end-to-end tests (PLAYWRIGHT="smoke.spec.mjs --headed" passes arguments)
	@exec tools/end2end.sh $(PLAYWRIGHT)

chaos: build ## Break the dashboard for a minute and compare what is left (CHAOS_SEED=N repeats a schedule, CHAOS="--seconds 600")
	@exec tools/chaos.sh run $(CHAOS)

build: ## Only build: the browser bundle, then both programs into target/release
	@exec tools/build.sh

setup: ## Only install the build tools
	@exec tools/setup.sh build

measure: build ## Print the numbers of docs/performance.md
	@exec node end2end/measure.mjs

load: build ## Put load on the release programs and print the throughput part of docs/performance.md (about 5 min)
	@exec tools/load.sh

screenshots: build ## Make the screenshots of the README again
	@exec tools/end2end.sh --config screenshots.config.mjs

clean-data: ## Delete ./data: every run, account and key of this checkout
	@exec tools/clean-data.sh
