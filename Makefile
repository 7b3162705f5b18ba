PYTHON ?= python3
BIN := .venv/bin
SEEDS := $(wildcard seeds/*.txt)

GALLERY_DATE := 1795824000
.PHONY: report test lint format lab gallery golden lock clean

report: .venv/ready  ## the comparison report of every seed, in reports/
	$(BIN)/counterpoint report $(SEEDS) --out reports

test: .venv/ready
	$(BIN)/pytest -n auto --dist loadfile

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/nbstripout --verify notebooks/*.ipynb

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/nbstripout notebooks/*.ipynb

lab: .venv/ready  ## JupyterLab, at notebooks/start.ipynb
	$(BIN)/jupyter trust notebooks/*.ipynb
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/notebooks/start.ipynb

gallery: .venv/ready  ## the example reports in docs/gallery/, from the articles there
	rm -rf build/gallery docs/gallery/*.html
	SOURCE_DATE_EPOCH=$(GALLERY_DATE) $(BIN)/counterpoint report docs/gallery/articles \
	    -p scorer embedded-small --out build/gallery
	SOURCE_DATE_EPOCH=$(GALLERY_DATE) $(BIN)/counterpoint compare \
	    tests/seeds/versions/original.txt tests/seeds/versions/republished.txt \
	    -p scorer embedded-small --out build/gallery
	rm build/gallery/summary.html
	SOURCE_DATE_EPOCH=$(GALLERY_DATE) $(BIN)/counterpoint index build/gallery
	cp build/gallery/*.html docs/gallery/

golden: .venv/ready  ## rewrite the expected tables in tests/golden/
	COUNTERPOINT_GOLDEN=write $(BIN)/pytest tests/test_golden.py

lock: .venv/ready  ## resolve pyproject.toml again; writes requirements.lock and environment.yml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --upgrade \
	    --no-emit-index-url --no-emit-find-links --extra dev \
	    --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	$(BIN)/python tools/write_environment.py

.venv/ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python tools/install.py requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

clean:
	rm -rf .venv .pytest_cache .hypothesis .ruff_cache build *.egg-info
	find reports -mindepth 1 ! -name .gitkeep -delete
