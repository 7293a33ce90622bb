# The verbs. Each needs Python 3.11 or newer and nothing else; the first one installs into .venv.
#
#   PORT=8000         where demo and run answer
#   HOST=127.0.0.1    the address they listen on
#   DATA_DIR=.pharos  where demo and run keep their data; test puts throw-away data under it
#   ARGS=             more arguments, for example: make test ARGS="tests/stack -x"
#   PYTHON=           another Python

PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python3.14 python; do \
	command -v $$python >/dev/null 2>&1 && \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	echo $$python && break; done)
ifeq ($(strip $(PYTHON)),)
$(error No Python 3.11 or newer with its venv module was found. Install one (on Debian and Ubuntu: \
	apt-get install python3 python3-venv) or name it: make $(or $(firstword $(MAKECMDGOALS)),demo) PYTHON=/path/to/python3)
endif

FIRST := $(PYTHON) config/stack/bootstrap.py
SERVE := exec $(FIRST) requirements.txt
WORK := exec $(FIRST) requirements-work.txt
STACK := -m config.stack

ifdef PORT
export PORT
endif
ifdef HOST
export HOST
endif
ifdef DATA_DIR
export DATA_DIR
endif

.DEFAULT_GOAL := help
.PHONY: demo run test check fix bench help lock

demo: ## run everything with the sample portfolio, at http://localhost:8000/
	@$(SERVE) $(STACK) demo

run: ## run everything without sample data
	@$(SERVE) $(STACK) run

test: ## run all tests beside servers of their own
	@$(WORK) $(STACK) test -- $(ARGS)

check: ## what the reviewer and CI run: style, rooms, types, settings, API document, tests without browsers and kills
	@$(WORK) $(STACK) check

fix: ## mend what can be mended by itself: format, imports, templates
	@$(WORK) -m config.stack.mend

bench: ## measure what it costs to run, beside its floors
	@$(WORK) $(STACK) bench -- $(ARGS)

lock: ## choose versions anew and write the locks (needs uv)
	@$(WORK) -m config.stack.lock

help: ## this list
	@grep -E '^[a-z]+: .*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/: .*## /\t/' | \
		while IFS="$$(printf '\t')" read -r verb what; do printf '  make %-6s %s\n' "$$verb" "$$what"; done
	@echo
	@sed -n 's/^#   /  /p' $(firstword $(MAKEFILE_LIST))
