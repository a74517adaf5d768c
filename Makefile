# A newcomer needs two: `make run` and `make test`. Each makes what it needs inside this folder first.
.DEFAULT_GOAL := help
.PHONY: help run test chat check schema constraints bench gallery clean

help:
	@echo 'make run                      build the page if it changed, and start Shipanion on http://127.0.0.1:8000'
	@echo 'make run ARGS="--port 9000 --data FOLDER"'
	@echo '                              the same with arguments for shipanion serve; these for a second server'
	@echo 'make test                     everything CI runs; a table at the end'
	@echo
	@echo 'make chat                     talk to a running server in this terminal'
	@echo 'make chat ARGS="--url http://127.0.0.1:9000"'
	@echo '                              the same with that one; --data FOLDER to be another guest there'
	@echo 'make check                    style, types, arrows and house rules only'
	@echo 'make bench                    the benchmarks, one table each; make bench ARGS=benchmarks/X.py for one'
	@echo 'make gallery                  photograph the page anew for the README, into docs/gallery (needs Chromium)'
	@echo 'make schema                   renew what is generated: schema/*.json, docs/tools.md, js/client/src/wire.ts'
	@echo 'make constraints              pin the newest versions allowed by pyproject.toml (needs uv)'
	@echo 'make clean                    remove .venv, caches and builds; never your data'

# `exec`: the server gets the signals, not a shell in front of it.
run:
	@scripts/install run && .venv/bin/python scripts/build_page.py --try && exec .venv/bin/shipanion serve $(ARGS)

chat:
	@scripts/install run && exec .venv/bin/shipanion chat $(ARGS)

test:
	@scripts/test

check:
	@scripts/test check

bench:
	@scripts/install dev
	@for file in $(if $(ARGS),$(ARGS),$(filter-out benchmarks/__%,$(wildcard benchmarks/*.py))); do \
		echo "== $$file"; .venv/bin/python "$$file" || exit 1; done

schema:
	@scripts/install dev
	.venv/bin/shipanion schema > schema/wire.schema.json
	.venv/bin/shipanion tools > schema/tools.json
	.venv/bin/shipanion tools --markdown > docs/tools.md
	@if command -v npm > /dev/null; then npm --prefix js run --silent ready && npm --prefix js run wire; \
		else echo 'npm is missing, so js/client/src/wire.ts is as it was.'; fi

gallery:
	@scripts/install dev
	@.venv/bin/python scripts/gallery.py

constraints:
	@scripts/constraints

clean:
	rm -rf .venv .venv.lock .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	rm -rf js/node_modules js/client/node_modules js/web/node_modules js/client/dist src/shipanion/app/built_page
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
