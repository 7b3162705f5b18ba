"""A small report, made and thrown away, so that what loads on first use is loaded.

The fork server calls it before it forks kernels. It runs the cells of our notebook on an
article of our own, in a namespace that is thrown away, and uses the `lexicon` scorer only: a
session of ONNX Runtime or a tokenizer's threads must not be there at a fork.
"""

import ast
import json
import tempfile
from pathlib import Path

from analysis.paths import NOTEBOOKS
from analysis.text.nlp import parsed

NOTEBOOK = NOTEBOOKS / "article-report.ipynb"
ARTICLE = """A Bridge Opens Early

By Ann Example

The minister said that the bridge "will serve the whole country" when NATO leaders met in
Brussels. Critics in Russia called the plan a reckless provocation, and some agreed.

Comment: It will not serve anyone. NATO has broken this promise before, shamelessly.

The European Union welcomed the plan.

Comment: Indeed, and that is a good thing for Europe.
"""


def warm_up() -> None:
    """Run the notebook's cells once, render what they display, and drop the results."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    with tempfile.TemporaryDirectory() as folder:
        article = Path(folder) / "warm-up.txt"
        article.write_text(ARTICLE, encoding="utf-8")
        given = {"article": str(article), "scorer": "lexicon", "tables": folder}
        namespace: dict[str, object] = {}
        for cell in cells:
            if cell["cell_type"] == "code":
                _run("".join(cell["source"]), namespace)
                if "parameters" in cell["metadata"].get("tags", []):
                    namespace |= given
    parsed.cache_clear()


def _run(source: str, namespace: dict[str, object]) -> None:
    """Run a cell, and render the value of its last expression as a kernel would."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, NOTEBOOK.name, "exec"), namespace)
    if last is not None:
        shown = eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), namespace)
        if hasattr(shown, "_repr_html_"):
            shown._repr_html_()
