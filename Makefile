# Two commands: `make app` opens the app, `make test` checks everything. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
APP_READY := $(VENV)/.app-ready
TEST_READY := $(VENV)/.test-ready
PORT ?= 8501

.PHONY: app test lint types tests format lock clean

app: $(APP_READY)
	$(BIN)/streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT)

test: lint types tests

lint: $(TEST_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(TEST_READY)
	$(BIN)/mypy

tests: $(TEST_READY)
	$(BIN)/python -m pytest

format: $(TEST_READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Assay needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)

$(APP_READY): requirements.txt constraints.txt | $(BIN)/python
	$(BIN)/pip install --disable-pip-version-check -q -r requirements.txt
	touch $@

$(TEST_READY): requirements-dev.txt requirements-postgres.txt requirements-ray.txt requirements.txt constraints.txt | $(BIN)/python
	$(BIN)/pip install --disable-pip-version-check -q -r requirements-dev.txt
	touch $@ $(APP_READY)

# Writes the full lock from what is installed now; run it after changing requirements.
lock: $(TEST_READY)
	@{ echo "# The full lock, written by \`make lock\`. Build tags such as +cpu are dropped: any build of the version will do."; \
	   $(BIN)/pip freeze --all --exclude pip --exclude-editable | sed 's/+[A-Za-z0-9.]*$$//'; } > constraints.txt.new && mv constraints.txt.new constraints.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
