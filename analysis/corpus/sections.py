"""The corpus report's sentences and tables; every row links to its article's report."""

from urllib.parse import quote

import pandas as pd

from analysis.corpus import tables
from analysis.corpus.changes import Changes
from analysis.corpus.loading import Corpus
from analysis.html.display import (
    count,
    excerpt,
    interval,
    intervals,
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
        facts.append(f"{first:%B} {first.day}, {first.year} to {last:%B} {last.day}, {last.year}")
    return fragment(
        "findings.html.j2",
        kicker="Articles and comments",
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
        more = f"; they also differ toward {word(rest)} more" if rest else ""
        sentences.append(f"Over all articles, the comments are {listed(differences)} {than}{more}.")
    if unsure := [quoted(target) for target in rows[~clear].target]:
        sentences.append(f"No difference can be shown toward {some(unsure, 'or')}.")
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
            "Make them again with one scorer."
        )
    if corpus.left_out:
        texts.append(
            f"{count(len(corpus.left_out), 'report')} left out: without tables, or on an article "
            "that has another report here."
        )
    if unknown := int((articles.group == NOT_STATED).sum()):
        texts.append(f"{count(unknown, 'article')} without a known {corpus.group_by}.")
    if undated := int(articles.date.isna().sum()):
        texts.append(f"{count(undated, 'article')} without a date.")
    sizes = articles.group[articles.group != NOT_STATED].value_counts()
    if small := sorted(map(name, sizes[sizes < tables.MIN_VALUES].index)):
        rest = [f"{len(small) - MAX_NAMES} more"] if len(small) > MAX_NAMES else []
        texts.append(
            f"Nothing can be shown for {listed([*small[:MAX_NAMES], *rest])}: fewer than "
            f"{tables.MIN_VALUES} articles each."
        )
    return texts


def _targets(corpus: Corpus) -> str:
    """Return how many targets are compared, and of how many, where the rest was read."""
    compared, every = len(corpus.targets), corpus.stances.target.nunique()
    if corpus.pages and every > compared:
        return f"{compared} of {count(every, 'target')}, those in most articles"
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
        "A difference comes from the articles only if both runs had the same scorer and parameters."
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
    columns = {
        "Target": rows.target.map(teaser), "Articles": "articles",
        "Author’s stance": "author_score", "Comments’ stance": "commentator_score",
        "Difference": "divergence", "Interval": intervals(rows), "Beyond chance": clear,
    }  # fmt: skip
    caption = (
        "Author and comments over all articles. Each article counts once; intervals come from "
        "resampling whole articles."
    )
    made = table(rows, caption, name="overall.csv", columns=columns)
    return made or nothing_shown("No article has both sides mention a target.")


def disputed(corpus: Corpus) -> Html:
    """Return the table of the passages that comments disagree with most."""
    rows = tables.disputed(corpus)
    first = rows.head(MAX_ROWS)
    columns = {
        "Report": _links_to(corpus, first["name"]),
        "Passage": [excerpt(r.passage, r.commentary) for r in first.itertuples()],
        "Comment": first.commentary.map(teaser), "Disagree": first.disagree,
        "Comments": first.comments, "Highest probability": first.p_disagree,
    }  # fmt: skip
    caption = _first("Passages with the most comments that disagree, then the most certain", rows)
    made = table(rows, caption, name="disputed.csv", columns=columns)
    return made or nothing_shown("No comment clearly disagrees with its passage.")


def quoting(corpus: Corpus) -> Html:
    """Return the table of articles that quote one side most."""
    rows = tables.quoting(corpus)
    first = rows.head(MAX_ROWS)
    columns = {
        "Report": _links_to(corpus, first["name"]), "Target": first.target.map(teaser),
        "Side": first.side, "In favor": first.favor, "Against": first.against,
        "Share": [f"{r.share:.0%}, at least {r.low:.0%}" for r in first.itertuples()],
    }  # fmt: skip
    caption = _first("Articles in which the people quoted are mostly on one side", rows)
    caption += f" “At least” is the low end of a {level(corpus)} interval."
    made = table(rows, caption, name="quoting.csv", columns=columns)
    return made or nothing_shown(
        "No article quotes three or more stances toward one of the targets."
    )


def outliers(corpus: Corpus) -> Html:
    """Return the table of articles whose divergence is far from the others'."""
    rows = tables.outliers(corpus)
    first = rows.head(MAX_ROWS)
    groups = first["name"].map(corpus.articles.set_index("name").group)
    columns = [
        ("Report", _links_to(corpus, first["name"])), (corpus.group_by.capitalize(), groups),
        ("Target", first.target.map(teaser)), ("Difference", first.divergence),
        ("Median", first["median"]), ("Modified z", first.z),
    ]  # fmt: skip
    caption = _first("Articles whose difference is far from the median", rows)
    made = table(rows, caption, name="outliers.csv", columns=columns)
    return made or nothing_shown("No article stands apart from the others.")


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
    return fragment("corpus-provenance.html.j2", facts=facts)


def _first(caption: str, rows: pd.DataFrame) -> str:
    """Return the caption of a table of which only the first rows are on display."""
    if len(rows) <= MAX_ROWS:
        return f"{caption}."
    return f"{caption}. The first {MAX_ROWS} of {len(rows)}; the data file has all."


def _links_to(corpus: Corpus, reports: pd.Series) -> list[str]:
    titles = reports.map(corpus.articles.set_index("name").title).map(lambda t: name(t, 48))
    if not corpus.pages:
        return list(titles)
    return [
        element("a", isolated(title), href=_page(report))
        for report, title in zip(reports, titles, strict=True)
    ]


def _page(report: str) -> str:
    return f"./{quote(report)}.html"
