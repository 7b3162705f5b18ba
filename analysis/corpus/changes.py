"""What changed since the previous corpus report."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis.corpus.loading import Corpus
from analysis.corpus.tables import overall


@dataclass(frozen=True, eq=False)
class Changes:
    """The differences between a corpus and the previous corpus report.

    Attributes:
        known: whether there is a previous report to compare with.
        new: names of articles that only the corpus has.
        gone: names of articles that only the previous report has.
        changed: names of articles whose text differs.
        divergence: one row per target in both: target, before, now, moved (now - before).
    """

    known: bool
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    divergence: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)


def changes_since(corpus: Corpus, previous: str | Path) -> Changes:
    """Compare a corpus with the tables of the previous corpus report.

    Args:
        corpus: the present one.
        previous: that report's folder; without tables in it, nothing is known.
    """
    try:
        articles = pd.read_csv(Path(previous) / "articles.csv", dtype=str, keep_default_na=False)
        before = pd.read_csv(Path(previous) / "overall.csv").set_index("target")["divergence"]
        old = dict(zip(articles["name"], articles["hash"], strict=True))
    except (OSError, ValueError, KeyError):
        return Changes(False)
    new = dict(zip(corpus.articles["name"], corpus.articles.hash, strict=True))
    now = overall(corpus).set_index("target").divergence
    both = pd.DataFrame({"before": before, "now": now}).dropna()
    both = both.reindex([target for target in corpus.targets if target in both.index])
    return Changes(
        known=True,
        new=tuple(name for name in new if name not in old),
        gone=tuple(name for name in old if name not in new),
        changed=tuple(name for name in new if name in old and new[name] != old[name]),
        divergence=both.assign(moved=both.now - both.before).rename_axis("target").reset_index(),
    )
