PYTHON ?= python3
.PHONY: test clean
.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install -q -e '.[dev]'
	touch $@
test: .venv/ready
	.venv/bin/pytest
clean:
	rm -rf .venv .pytest_cache .hypothesis
