# Everything a person or a machine runs; each target sets up what it needs.

PYTHON ?= python3
PORT ?= 8000
DATA ?= data

BIN := .venv/bin
PYTHON_SOURCES := $(shell find shared_py backend -name '*.py' -o -name '*.json' -path 'shared_py/*' 2>/dev/null)
APP_SOURCES := $(shell find pwa -type f -not -path 'pwa/dist/*' -not -path 'pwa/public/rt/*' -not -path 'pwa/public/ort/*' -not -name '*.tsbuildinfo' 2>/dev/null) \
	package.json package-lock.json $(filter shared_py/%,$(PYTHON_SOURCES))

.PHONY: tools run phone setup build test test-python test-app test-browser test-old-runtime test-ray bench-cluster test-fast check check-types check-rest bench fix simulate \
	dev generate golden graph screens lock wheel clean

run: build ## serve the app and its server on http://127.0.0.1:$(PORT)
	$(BIN)/model-studio serve --port $(PORT) --data-dir $(DATA)

phone: build ## serve phones in the local network over https, and show the QR code that sets one up; PORT=8443
	$(BIN)/model-studio serve --lan $(if $(filter file,$(origin PORT)),,--port $(PORT)) --data-dir $(DATA)

tools: # a sentence where Python, Node, npm or make are missing or too old; make 3.81, which macOS has, will do
	@sh check_tools.sh "$(if $(wildcard .venv/.done),$(BIN)/python,$(PYTHON))" "$(MAKE_VERSION)"

setup: .venv/.done node_modules/.done

.venv/.done: requirements.lock pyproject.toml | tools
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps -e .
	touch $@

node_modules/.done: package-lock.json | tools
	npm ci --no-fund --no-audit --loglevel=error
	touch $@

build: pwa/dist/index.html

wheel: build ## dist/model_studio-*.whl with the app inside, which installs without Node
	rm -rf build/lib build/bdist.* dist/model_studio-*.whl
	$(BIN)/python -m build --wheel --outdir dist .
	$(BIN)/python -m zipfile --list dist/model_studio-*.whl | grep -q backend/built_app/index.html

pwa/dist/index.html: .venv/.done node_modules/.done $(APP_SOURCES)
	npm run --silent build
	touch $@

# more processes would starve the trainers that tests start, which run at low priority
PARALLEL := -n 2 --dist worksteal

test: test-python test-app test-browser ## every test, in two processes

test-fast: setup ## the quick tests of every part, without a browser, in under two minutes
	@mkdir -p build
	@npm run --silent test -- src >build/test-app.log 2>&1 & app=$$!; \
	$(BIN)/pytest -m "not slow" --hypothesis-profile fast tests --ignore=tests/e2e; python=$$?; \
	wait $$app; app=$$?; cat build/test-app.log; exit $$((python + app))

test-python: setup
	$(BIN)/pytest $(PARALLEL) tests --ignore=tests/e2e

test-app: setup
	npm run --silent test

test-browser: build
	sh tests/e2e/get_browser.sh $(BIN)
	$(BIN)/pytest $(PARALLEL) tests/e2e

test-old-runtime: setup ## exports on the oldest onnxruntime that installs here, in an environment of its own
	sh tests/old_runtime/get_runtime.sh $(BIN)/python .venv-oldrt
	PYTHONPATH=.:tests $(BIN)/python tests/old_runtime/export_networks.py build/old_runtime
	.venv-oldrt/bin/python tests/old_runtime/compare.py build/old_runtime

test-ray: setup ## runs in a Ray cluster of this machine: Ray in an environment of its own, in a network namespace
	sh tests/backend/cluster/get_ray.sh $(BIN)/python .venv-ray
	PYTHONPATH=. sh tests/backend/cluster/in_namespace.sh .venv-ray/bin/python -m pytest tests/backend/cluster

bench-cluster: setup ## runs in a Ray cluster against runs without: minutes
	sh tests/backend/cluster/get_ray.sh $(BIN)/python .venv-ray
	PYTHONPATH=. sh tests/backend/cluster/in_namespace.sh .venv-ray/bin/python -m benchmarks cluster

RUNS ?= 2000
SIMULATED := build/simulation/results.jsonl

simulate: setup ## phones and a server with lost calls, crashes and restored copies: RUNS in each mode; continues where it was stopped
	@mkdir -p $(dir $(SIMULATED))
	$(BIN)/python -m tests.simulation --runs $(RUNS) --processes 2 --out $(SIMULATED)

check: setup ## lint, types, import rules, drift: mypy on one core beside all other checks on another
	@mkdir -p build
	@$(MAKE) --no-print-directory check-types >build/check-types.log 2>&1 & types=$$!; \
	$(MAKE) --no-print-directory check-rest; rest=$$?; \
	wait $$types; types=$$?; cat build/check-types.log; exit $$((rest + types))

check-types:
	$(BIN)/mypy

check-rest:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	npm run --silent check
	$(BIN)/model-studio schema-lint

bench: build ## benchmarks, as ratios, interleaved
	$(BIN)/python -m benchmarks

fix: setup ## format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	npm run --silent fix

dev: setup ## hot reload on http://127.0.0.1:5173
	$(BIN)/model-studio serve --port $(PORT) --data-dir $(DATA) & trap "kill $$!" EXIT; npm run dev

generate: setup ## from shared_py: types, catalogue and templates for the app, handbook and schema in docs
	npm run --silent generate

golden: setup ## the kept texts of the templates
	PYTHONPATH=.:tests $(BIN)/python tests/shared_py/test_codegen.py

screens: build ## pictures of every screen, in docs/screens
	PYTHONPATH=.:tests $(BIN)/python tests/e2e/take_screens.py docs/screens

graph: setup ## the imports between folders
	PYTHONPATH=tests $(BIN)/python tests/import_graph.py

lock: ## write requirements.lock and requirements-ray.lock anew: what is installed, with the hashes of the files for every platform
	@mkdir -p build
	$(BIN)/pip freeze --exclude-editable | grep -viE '^(#|(torch|setuptools|pip|uv|model-studio)([=@ ]|$$))' > build/installed.txt
	$(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet uv==0.13.9
	build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --no-deps --generate-hashes --no-header --no-annotate \
		--output-file requirements.lock build/installed.txt
	echo 'ray[client]==2.60.0' > build/ray.txt
	build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--constraint build/installed.txt --output-file requirements-ray.lock build/ray.txt

clean: ## back to a fresh checkout, designs in $(DATA) excepted
	rm -rf .venv .venv-oldrt .venv-ray node_modules pwa/dist pwa/public/rt pwa/public/ort build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} + -o -name '*.tsbuildinfo' -exec rm -f {} +
