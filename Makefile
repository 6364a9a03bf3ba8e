# The two commands that set everything up by themselves: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := out/demo

export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
# Each process of the tests has one core: linear algebra that takes two only waits for the other.
test test-long: export OPENBLAS_NUM_THREADS := 1

.PHONY: demo test test-long check fix lock setup clean bench bench-large

setup: $(READY)

# The lock names every package: pip is not to look for more, as it would for one that is wanted with extras.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "orgnet needs Python 3.11 or later; found: $$($(PYTHON) --version). Set PYTHON=python3.11."; exit 1; }
	@rm -rf $(VENV); $(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "No venv module: on Debian run 'apt-get install python3-venv' first."; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)
	$(BIN)/orgnet scenario london-cancer --out $(DEMO)
	$(BIN)/orgnet run $(DEMO)/london-cancer.yaml

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long"

# A real Prefect server, a cluster, what is left when a part of it is killed, and more of what is tried at random.
test-long: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m long

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m orgnet.reference --check

fix: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m orgnet.reference

# Needs uv. The lock names packages and hashes, and no download address.
lock:
	uv pip compile --quiet --python-version 3.11 --all-extras --generate-hashes --no-emit-index-url \
	  --custom-compile-command 'make lock' pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The peers that orgnet is compared with live in an environment of their own.
PEERS := out/peers/bin/python
$(PEERS):
	$(PYTHON) -m venv out/peers
	out/peers/bin/pip install --quiet --disable-pip-version-check networkx pandas pyarrow scipy raphtory vivainsights \
	  || echo "some peers could not be installed: they will be left out"

bench: $(READY) $(PEERS)
	$(BIN)/python -m benchmarks.run

bench-large: $(READY) $(PEERS)
	$(BIN)/python -m benchmarks.run --large
