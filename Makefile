SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

# Only the lab's own backend is ever touched from here.
EGRESS := node cli/egress.js
PULUMI := $(EGRESS) lab shell -- pulumi

.PHONY: help up test test-beside-lab test-fast test-package test-nodes test-preview test-static test-browser test-lab clean distclean

help: ## Says what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

node_modules/.package-lock.json: package.json package-lock.json
	@npm ci --include=dev --no-audit --no-fund --loglevel=error
	touch $@

up: node_modules/.package-lock.json ## Boots a mesh on this machine, brings the stack `lab` up on it and proves its rules by real requests
	@begun=$$EPOCHREALTIME times=
	seconds_since() { awk -v a="$$1" -v b="$$EPOCHREALTIME" 'BEGIN { printf "%6.1f s", b - a }'; }
	phase() {
	  local title=$$1 start=$$EPOCHREALTIME; shift
	  "$$@"
	  times+=$$(printf '  %-36s %s' "$$title" "$$(seconds_since "$$start")")$$'\n'
	}
	phase 'lab: tools, images, boot' $(EGRESS) lab up
	phase 'stack lab: selected or created' $(PULUMI) stack select --create --stack lab
	phase 'stack lab: pulumi up' $(PULUMI) up --stack lab --yes --skip-preview
	phase 'matrix: every cell asked for real' $(EGRESS) matrix lab --live
	printf '%s  %-36s %s\n' "$$times" 'in all' "$$(seconds_since "$$begun")"

test: node_modules/.package-lock.json ## Runs everything there is to run
	@$(MAKE) --no-print-directory test-fast
	# The lab waits more than it works: what else there is runs beside it, and gives way to it.
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-lab test-beside-lab

test-beside-lab: node_modules/.package-lock.json ## Runs what needs no lab, and npm, tools or a browser
	@for each in package preview nodes static browser; do
	  nice -n 10 $(MAKE) --no-print-directory test-$$each
	done

test-fast: node_modules/.package-lock.json ## Runs what needs no root and no cluster: types, lint, format, build, fast tests
	@npm run --silent types
	npm run --silent lint
	npm run --silent build
	node -e 'for (const name of ["istio-egress", "istio-egress/gke", "istio-egress/model"]) require(name)'
	npm test --silent

test-package: node_modules/.package-lock.json ## Installs the packed package in a project of its own by npm, and calls its commands there
	@npm run --silent test:package

test-nodes: node_modules/.package-lock.json ## Runs the fast tests on newer versions of Node and of Pulumi's SDK
	@npm run --silent test:nodes

test-preview: node_modules/.package-lock.json ## Previews the GKE stacks through the real engine, with a recorder in the place of Google's plugin
	@npm run --silent test:preview

test-static: node_modules/.package-lock.json ## Holds every stack's manifests against kubeconform, istioctl analyze and checkov, alert rules against promtool, and the workflows against actionlint
	@npm run --silent test:static

test-browser: node_modules/.package-lock.json ## Opens the pages that egress graph writes in a browser, and uses them
	@npm run --silent test:browser

test-lab: node_modules/.package-lock.json ## Runs the tests in the lab: boots it, and takes it down at the end
	@npm run --silent test:lab

clean: ## Destroys the stack and takes the lab down: nothing is left but the cache of built tools
	@if [ ! -d node_modules ]; then
	  echo 'Nothing is installed here, so no lab was started from here.'
	  exit
	fi
	if $(EGRESS) lab status > /dev/null 2>&1; then
	  $(PULUMI) destroy --stack lab --yes --skip-preview ||
	    echo 'The stack could not be destroyed in order; its cluster goes all the same.' >&2
	fi
	$(EGRESS) lab down

distclean: clean ## Takes the cache of built tools away as well
	@rm -rf -- "$${ISTIO_EGRESS_CACHE:-/var/cache/istio-egress}"
	rm -rf node_modules
