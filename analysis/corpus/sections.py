"""The corpus report's sentences and tables; every row links to its article's report."""

from urllib.parse import quote

import pandas as pd
from markupsafe import Markup

from analysis.corpus import tables
from analysis.corpus.changes import Changes
from analysis.corpus.loading import Corpus
from analysis.html.display import (
    count,
    excerpt,
    interval,
    listed,
    name,
    number,
    quoted,
    teaser,
    word,
)
from analysis.html.elements import EMPTY, Html, element, fragment, isolated, nothing_shown, table
from analysis.report.findings import level
from analysis.report.opening import MAX_NAMED, some
from analysis.report.provenance import now, versions
from analysis.report.sections import paragraph, section
from analysis.scale.report import NOT_STATED
from analysis.scoring.compare import interval_excludes_zero
from analysis.types import Relation

MAX_ROWS = 10  # of a table; its CSV holds all
MAX_NAMES = 8  # articles named in a sentence
_DO = {
    Relation.DISAGREE: ("disagrees with what it answers", "disagree with what they answer"),
    Relation.AGREE: ("agrees", "agree"),
    Relation.NEUTRAL: ("is neutral", "are neutral"),
}
CHANGED = 0.005  # smallest change of a divergence that two decimals show


def opening(corpus: Corpus) -> Html:
    """Return the title, the finding over all articles, and the warnings."""
    articles = corpus.articles
    known = articles.group[articles.group != NOT_STATED].nunique()
    groups = f" from {count(known, corpus.group_by)}" if known else ""
    facts = [count(int(articles.comments.sum()), "comment"), _targets(corpus)]
    if articles.date.notna().any():
        first, last = articles.date.min(), articles.date.max()
        facts.append(f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}")
    return fragment(
        "findings.html.j2",
        kicker="Articles and commentary",
        title=f"Where comments and authors differ in {count(len(articles), 'article')}{groups}",
        facts=facts,
        finding=finding(corpus),
        warnings=warnings(corpus),
    )


def finding(corpus: Corpus) -> list[str]:
    """Return what the articles show together, in one to three sentences with their uncertainty."""
    sentences = [said] if (said := _counted(corpus.articles)) else []
    rows = tables.overall(corpus).sort_values("divergence", key=lambda d: -d.abs(), kind="stable")
    clear = interval_excludes_zero(rows)
    differences = [
        f"{'less' if r.divergence < 0 else 'more'} favorable toward {quoted(r.target)} "
        f"({number(r.divergence, signed=True)}, {interval(r.ci_low, r.ci_high)})"
        for r in rows[clear].head(MAX_NAMED).itertuples()
    ]
    if differences:
        than = f"than the authors (with {level(corpus)} intervals)"
        rest = int(clear.sum()) - len(differences)
        more = f"; toward {word(rest)} more it differs as well" if rest else ""
        sentences.append(f"Over all articles, commentary is {listed(differences)} {than}{more}.")
    if unsure := [quoted(target) for target in rows[~clear].target]:
        sentences.append(f"Toward {some(unsure)}, no difference can be shown.")
    return sentences


def _counted(articles: pd.DataFrame) -> str:
    """Say how many comments disagree, agree, are neutral and are unclear; empty without any."""
    total, counts = int(articles.comments.sum()), {r: int(articles[r.value].sum()) for r in _DO}
    verbs = _DO | {"unclear": ("is unclear", "are unclear")}
    counts |= {"unclear": total - sum(counts.values())}
    parts = [f"{n} {verbs[what][n != 1]}" for what, n in counts.items() if n]
    return f"Of {count(total, 'comment')}, {listed(parts)}." if total else ""


def warnings(corpus: Corpus) -> list[str]:
    """Return what limits a comparison of these articles."""
    articles, texts = corpus.articles, []
    if len(corpus.scorers) > 1:
        texts.append(
            f"The reports were made with {len(corpus.scorers)} scorers or versions "
            f"({listed([name(s) for s in corpus.scorers])}); their figures cannot be compared. "
            "Make them again with one."
        )
    if corpus.left_out:
        texts.append(
            f"{count(len(corpus.left_out), 'report')} left out: of an article that has another one "
            "here, or without tables."
        )
    if unknown := int((articles.group == NOT_STATED).sum()):
        texts.append(f"{count(unknown, 'article')} without a known {corpus.group_by}.")
    if undated := int(articles.date.isna().sum()):
        texts.append(f"{count(undated, 'article')} without a date.")
    sizes = articles.group[articles.group != NOT_STATED].value_counts()
    if small := sorted(map(name, sizes[sizes < tables.MIN_VALUES].index)):
        rest = [f"{len(small) - MAX_NAMES} more"] if len(small) > MAX_NAMES else []
        texts.append(
            f"Nothing can be shown of {listed([*small[:MAX_NAMES], *rest])}: fewer than "
            f"{tables.MIN_VALUES} articles each."
        )
    return texts


def _targets(corpus: Corpus) -> str:
    """Return how many targets are compared, and of how many, where the rest was read."""
    compared, every = len(corpus.targets), corpus.stances.target.nunique()
    if corpus.pages and every > compared:
        return f"{compared} of {count(every, 'target')}, those that most articles speak of"
    return count(compared, "target")


def changed(corpus: Corpus, changes: Changes, *, top: bool) -> Html:
    """Return the section on what changed since the previous corpus report, at one of two places.

    Args:
        corpus: the present one.
        changes: of `changes_since`.
        top: whether this is the place near the top, where the section stands if there is
            something to tell; else it stands at the end.
    """
    part = _changes(corpus, changes)
    if bool(part) != top:
        return EMPTY
    if not part:
        text = "Nothing: the same articles, with the same figures."
        if not changes.known:
            text = "There is no earlier corpus report in this folder to compare with."
        part = element("p", text, class_="cp-empty")
    intro = paragraph(
        "Only a difference between two runs with the same scorer and parameters is one of the "
        "articles."
    )
    return section("changes", "What changed since the last run", "", parts=[intro, part])


def _changes(corpus: Corpus, changes: Changes) -> Html:
    """Return the list of what changed, then of the targets whose divergence moved."""
    if not changes.known:
        return EMPTY
    kinds = (
        ("New", changes.new, corpus.pages),
        ("Changed", changes.changed, corpus.pages),
        ("Gone", changes.gone, False),
    )
    moved = changes.divergence[changes.divergence.moved.abs() >= CHANGED]
    if moved.empty and not any(names for _, names, _ in kinds):
        return EMPTY
    rows = list(moved.itertuples())
    return fragment("corpus-changes.html.j2", kinds=kinds, moved=rows, page=_page, most=MAX_NAMES)


def overall(corpus: Corpus) -> Html:
    """Return the table of targets over all articles."""
    rows = tables.overall(corpus)
    clear = interval_excludes_zero(rows).map({True: "yes", False: "cannot be shown"})
    intervals = [interval(low, high) for low, high in zip(rows.ci_low, rows.ci_high, strict=True)]
    return _table(
        corpus,
        rows.assign(interval=intervals, difference=clear),
        "Author and commentary over all articles, each article counting once; the intervals come "
        "from resampling whole articles.",
        empty="No article has both sides speak of a target.",
        name="overall.csv",
        headings={
            "target": "Target", "articles": "Articles", "author_score": "Author",
            "commentator_score": "Commentary", "divergence": "Divergence",
            "interval": "Interval", "difference": "Difference",
        },
        data=rows,
    )  # fmt: skip


def disputed(corpus: Corpus) -> Html:
    """Return the table of the passages that comments disagree with most."""
    rows = tables.disputed(corpus)
    first = rows.head(MAX_ROWS).itertuples()
    return _table(
        corpus,
        rows.head(MAX_ROWS).assign(passage=[excerpt(r.passage, r.commentary) for r in first]),
        _first("The passages with most comments that disagree, then the surest", rows),
        empty="No comment disagrees with its passage for certain.",
        name="disputed.csv",
        headings={
            "report": "Report", "passage": "Passage", "commentary": "Comment",
            "disagree": "Disagree", "comments": "Comments", "p_disagree": "Surest",
        },
        data=rows,
    )  # fmt: skip


def quoting(corpus: Corpus) -> Html:
    """Return the table of articles that quote one side most."""
    rows = tables.quoting(corpus)
    shares = [f"{r.share:.0%}, at least {r.low:.0%}" for r in rows.itertuples()]
    return _table(
        corpus,
        rows.assign(share=shares).head(MAX_ROWS),
        _first("Where the people quoted stand mostly on one side", rows)
        + f" “At least” is the low end of a {level(corpus)} interval.",
        empty="No article quotes three or more stances toward one of the targets.",
        name="quoting.csv",
        headings={
            "report": "Report", "target": "Target", "side": "Side", "favor": "In favor",
            "against": "Against", "share": "Share",
        },
        data=rows,
    )  # fmt: skip


def outliers(corpus: Corpus) -> Html:
    """Return the table of articles whose divergence is far from the others'."""
    rows = tables.outliers(corpus)
    groups = rows["name"].map(corpus.articles.set_index("name").group)
    return _table(
        corpus,
        rows.assign(group=groups).head(MAX_ROWS),
        _first("Articles whose divergence is far from the median of all", rows),
        empty="No article stands apart from the others.",
        name="outliers.csv",
        headings={
            "report": "Report", "group": corpus.group_by.capitalize(), "target": "Target",
            "divergence": "Divergence", "median": "Median", "z": "Modified z",
        },
        data=rows,
    )  # fmt: skip


def provenance(corpus: Corpus) -> Html:
    """Return what the figures were made from."""
    facts = {
        "Reports": count(len(corpus.articles), "article"),
        "Targets": ", ".join(name(t) for t in corpus.targets) or "none",
        "Scorer": ", ".join(corpus.scorers),
        "Confidence level, seed": f"{corpus.confidence_level:g}, {corpus.seed}",
        "Versions": ", ".join(f"{k} {v}" for k, v in versions().items()),
        "Made": now(),
    }
    pairs = (element("dt", k) + element("dd", isolated(v)) for k, v in facts.items())
    return element("div", element("dl", *pairs), class_="cp cp-provenance")


def _table(corpus: Corpus, rows: pd.DataFrame, caption: str, *, empty: str, **options) -> Html:
    """Return a table with long texts shortened and links to reports, or `empty` where no row is.

    Args:
        corpus: whose reports the column `name` of the rows names, if they have one.
        rows: the rows on display.
        caption: what the table shows.
        empty: the sentence that stands for an empty table.
        options: of `elements.table`.
    """
    if rows.empty:
        return nothing_shown(empty)
    texts = rows.columns.intersection(["commentary", "target"])
    cells = {column: rows[column].map(teaser) for column in texts}
    if "name" in rows:
        cells["report"] = _links_to(corpus, rows["name"])
    return table(rows.assign(**cells), caption, **options)


def _first(caption: str, rows: pd.DataFrame) -> str:
    """Return the caption of a table of which only the first rows are on display."""
    if len(rows) <= MAX_ROWS:
        return f"{caption}."
    return f"{caption}. The first {MAX_ROWS} of {len(rows)}; the data hold all."


class _Link:
    """A link in a table's cell; not a string, which a frame would turn into plain text."""

    def __init__(self, page: str, title: str) -> None:
        self._page, self._title = page, title

    def __html__(self) -> Markup:
        return element("a", isolated(self._title), href=self._page)

    def __len__(self) -> int:
        return len(self._title)


def _links_to(corpus: Corpus, reports: pd.Series) -> pd.Series:
    titles = reports.map(corpus.articles.set_index("name").title).map(lambda t: name(t, 48))
    if not corpus.pages:
        return titles
    links = [_Link(_page(report), t) for report, t in zip(reports, titles, strict=True)]
    return pd.Series(links, index=reports.index, dtype=object)


def _page(report: str) -> str:
    return f"./{quote(report)}.html"
