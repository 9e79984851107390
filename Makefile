# `make` says what there is. PYTHON=/path/to/python chooses the interpreter, ARGS="..." goes to the command.

BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: help install demo test test-fast check bench bench-models kafka contract lock clean

help:
	@echo "make demo      see it run: a small shop, live, nothing else needed (Ctrl-C ends it)"
	@echo "make test      run all tests                   ARGS=\"-k cart\" chooses"
	@echo "make test-fast in a minute: no servers, no slow tests"
	@echo "make check     lint, format, types, imports"
	@echo "make bench     what it costs, on real Kafka and Redis       ARGS=\"--quick\" in three minutes"
	@echo "make bench-models   how good the churn model is, on real shops   ARGS=\"--data DIR\" says where they are"
	@echo "make kafka     start a local Kafka without Docker (Java 17 and Maven)"
	@echo "make contract  write docs/contract anew, from the types of messages"
	@echo "make install   only the environment, .venv     PYTHON=... chooses the interpreter"
	@echo "make lock      resolve the dependencies anew into requirements.lock (uv)"
	@echo "make clean     remove the environment, caches and what runs left behind"

install: $(INSTALLED)

$(INSTALLED): pyproject.toml requirements.lock ops/install.sh
	@PYTHON="$(PYTHON)" sh ops/install.sh

demo: $(INSTALLED)
	@$(BIN)/kairos demo $(ARGS)

test: $(INSTALLED)
	@$(BIN)/python -m tests.run $(ARGS)

test-fast: $(INSTALLED)
	@$(BIN)/python -m pytest -n 2 -m "not servers and not slow" --schedules 50 --mutations 10000 --examples 25 $(ARGS)

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED)
	@$(BIN)/python -m bench $(ARGS)

bench-models: $(INSTALLED)
	@$(BIN)/python -m bench.models $(ARGS)

kafka: $(INSTALLED)
	@$(BIN)/python ops/kafka/local.py start $(ARGS)

contract: $(INSTALLED)
	@$(BIN)/python -m kairos.contract

# No index address and no path of this machine goes into the lock: any index that serves the same files will do.
lock:
	UV_FIND_LINKS= uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 --group dev --custom-compile-command "make lock" -o requirements.lock pyproject.toml

clean:
	rm -rf .venv .kairos .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis ops/kafka/var dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
