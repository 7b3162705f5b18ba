"""The corpus report's words and tables; every row leads to the report that it comes from."""

from collections.abc import Sequence
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup

from analysis.corpus import tables
from analysis.corpus.tables import Changes, Corpus
from analysis.html.display import count, interval, listed, name, number
from analysis.html.elements import EMPTY, Html, element, isolated, join, table
from analysis.report.provenance import now, versions
from analysis.report.sections import teaser
from analysis.types import Relation

SHOWN = 10  # rows of a table; its CSV holds all
NAMED = 8  # articles named in a sentence


def opening(corpus: Corpus) -> Html:
    """Return the title, the finding over all articles, and what must be known before."""
    articles = corpus.articles
    groups = articles.group.nunique()
    facts = [
        count(int(articles.comments.sum()), "comment"),
        count(len(corpus.targets), "target"),
        f"{count(groups, 'group')} by {corpus.group_by}",
    ]
    if articles.date.notna().any():
        facts.append(f"{articles.date.min():%Y-%m-%d} to {articles.date.max():%Y-%m-%d}")
    said = [element("p", text) for text in finding(corpus)]
    parts = [
        element("p", "Articles and commentary", class_="cp-kicker"),
        element("h1", f"{count(len(articles), 'article')} compared"),
        element("p", Markup(" · ").join(facts), class_="cp-facts"),
        element("div", *said, class_="cp-finding"),
    ]
    noted = [element("li", text) for text in warnings(corpus)]
    if noted:
        note = (element("h2", "Before you read on"), element("ul", *noted))
        parts.append(element("div", *note, class_="cp-warnings", role="note"))
    return Html(
        element("header", *parts, class_="cp cp-opening cp-warned" if noted else "cp cp-opening")
    )


def finding(corpus: Corpus) -> list[str]:
    """Return what the articles show together, in one to three sentences with their uncertainty."""
    articles = corpus.articles
    counted = int(sum(articles[label.value].sum() for label in Relation))
    against = int(articles[Relation.DISAGREE.value].sum())
    said = []
    if counted:
        said.append(
            f"Of {count(counted, 'comment')} that the scorer is sure of, {against} "
            f"({against / counted:.0%}) disagree with their passage."
        )
    rows = tables.overall(corpus)
    shown = rows[tables.interval_excludes_zero(rows)]
    if len(shown):
        each = [
            f"{'less' if r.divergence < 0 else 'more'} favorable toward {name(r.target)} "
            f"({number(r.divergence, signed=True)}, {_level(corpus)} interval "
            f"{interval(r.ci_low, r.ci_high)})"
            for r in shown.itertuples()
        ]
        said.append(f"Over all articles, commentary is {listed(each)} than the authors.")
    unsure = [name(r.target) for r in rows[~tables.interval_excludes_zero(rows)].itertuples()]
    if unsure:
        said.append(f"Toward {listed(unsure)}, no difference can be shown.")
    return said


def warnings(corpus: Corpus) -> list[str]:
    """Return what stands in the way of comparing these articles."""
    articles, said = corpus.articles, []
    if len(corpus.scorers) > 1:
        said.append(
            f"The reports were made with {len(corpus.scorers)} scorers or versions "
            f"({listed([name(s) for s in corpus.scorers])}); their figures cannot be compared. "
            "Make them again with one."
        )
    if corpus.left_out:
        said.append(
            f"{count(len(corpus.left_out), 'report')} left out: of an article that has another one "
            "here, or without tables."
        )
    without = int((articles.group == tables.NOWHERE).sum())
    if without:
        said.append(f"{count(without, 'article')} without a known {corpus.group_by}.")
    undated = int(articles.date.isna().sum())
    if undated:
        said.append(f"{count(undated, 'article')} without a date.")
    few = articles.groupby("group").size()
    if (few < tables.MIN_VALUES).any():
        said.append(
            f"{count(int((few < tables.MIN_VALUES).sum()), 'group')} with fewer than "
            f"{tables.MIN_VALUES} articles; nothing can be shown of them."
        )
    return said


def changed(corpus: Corpus, found: Changes) -> Html:
    """Return what is another than in the corpus report before."""
    if not found.known:
        text = "There is no earlier corpus report in this folder to compare with."
        return Html(element("p", text, class_="cp cp-empty"))
    kinds = (("New", found.new), ("Changed", found.changed), ("Gone", found.gone))
    items = [
        element(
            "li", f"{said}: {len(names)} ", _links(names, known=corpus.pages and said != "Gone")
        )
        for said, names in kinds
        if names
    ] or [element("li", "The articles are the same.")]
    moved = found.divergence[found.divergence.moved.abs() >= 0.005]
    items += [
        element(
            "li",
            isolated(name(r.target)),
            f": divergence {number(r.before, signed=True)} before, "
            f"{number(r.now, signed=True)} now",
        )
        for r in moved.itertuples()
    ]
    return Html(element("div", element("ul", *items), class_="cp cp-list"))


def overall(corpus: Corpus) -> Html:
    """Return the table of targets over all articles."""
    rows = tables.overall(corpus)
    if rows.empty:
        return _nothing("No article has both sides speak of a target.")
    shown = tables.interval_excludes_zero(rows).map({True: "yes", False: "cannot be shown"})
    return table(
        rows.assign(
            interval=_intervals(rows), shown=shown, target=[teaser(t) for t in rows.target]
        ),
        "Author and commentary over all articles, each article counting once; the intervals come "
        "from resampling whole articles.",
        name="overall.csv",
        headings={
            "target": "Target", "articles": "Articles", "author_score": "Author",
            "commentator_score": "Commentary", "divergence": "Divergence",
            "interval": "Interval", "shown": "Difference",
        },
        data=rows,
    )  # fmt: skip


def disputed(corpus: Corpus) -> Html:
    """Return the table of the passages that comments disagree with most."""
    rows = tables.disputed(corpus)
    if rows.empty:
        return _nothing("No comment disagrees with its passage for certain.")
    shown = rows.head(SHOWN)
    return table(
        shown.assign(
            passage=[teaser(text) for text in shown.passage],
            commentary=[teaser(text) for text in shown.commentary],
            report=_links_to(corpus, shown["name"]),
        ),
        _of("The passages with most comments that disagree, then the surest", rows),
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
    if rows.empty:
        return _nothing("No article quotes three or more stances toward one of the targets.")
    shown = rows.head(SHOWN)
    return table(
        shown.assign(
            report=_links_to(corpus, shown["name"]),
            target=[teaser(text) for text in shown.target],
            share=[f"{share:.0%}, at least {low:.0%}" for share, low in
                   zip(shown.share, shown.low, strict=True)],
        ),
        _of("Where the people quoted stand mostly on one side", rows)
        + f" “At least” is the low end of a {_level(corpus)} interval.",
        name="quoting.csv",
        headings={
            "report": "Report", "target": "Target", "side": "Side", "favor": "In favor",
            "against": "Against", "share": "Share",
        },
        data=rows,
    )  # fmt: skip


def outliers(corpus: Corpus) -> Html:
    """Return the table of articles that stand apart from the others."""
    rows = tables.outliers(corpus)
    if rows.empty:
        return _nothing("No article stands apart from the others.")
    shown = rows.head(SHOWN)
    return table(
        shown.assign(
            report=_links_to(corpus, shown["name"]),
            group=[_group(corpus, each) for each in shown["name"]],
            target=[teaser(text) for text in shown.target],
        ),
        _of("Articles whose divergence is far from the median of all", rows),
        name="outliers.csv",
        headings={
            "report": "Report", "group": corpus.group_by.capitalize(), "target": "Target",
            "divergence": "Divergence", "median": "Median", "z": "Modified z",
        },
        data=rows,
    )  # fmt: skip


def provenance(corpus: Corpus) -> Html:
    """Return where the figures come from."""
    facts = {
        "Reports": count(len(corpus.articles), "article"),
        "Targets": ", ".join(name(t) for t in corpus.targets) or "none",
        "Scorer": ", ".join(corpus.scorers),
        "Confidence level, seed": f"{corpus.confidence_level:g}, {corpus.seed}",
        "Versions": ", ".join(f"{k} {v}" for k, v in versions().items()),
        "Made": now(),
    }
    pairs = (join([element("dt", k), element("dd", isolated(v))]) for k, v in facts.items())
    return Html(element("div", element("dl", *pairs), class_="cp cp-provenance"))


def _level(corpus: Corpus) -> str:
    return f"{100 * corpus.confidence_level:g}%"


def _intervals(rows: pd.DataFrame) -> list[str]:
    return [interval(low, high) for low, high in zip(rows.ci_low, rows.ci_high, strict=True)]


def _nothing(text: str) -> Html:
    return Html(element("p", text, class_="cp cp-empty"))


def _of(caption: str, rows: pd.DataFrame) -> str:
    more = f" The first {SHOWN} of {len(rows)}; the data hold all." if len(rows) > SHOWN else ""
    return f"{caption}.{more}"


def _group(corpus: Corpus, report: str) -> str:
    return str(corpus.articles.set_index("name").group[report])


class _Link:
    """A link in a table's cell; not a text, which a frame would make plain."""

    def __init__(self, page: str, title: str) -> None:
        self._page, self._title = page, title

    def __html__(self) -> Markup:
        return element("a", isolated(self._title), href=self._page)

    def __len__(self) -> int:
        return len(self._title)


def _links_to(corpus: Corpus, reports: pd.Series) -> pd.Series:
    titles = corpus.articles.set_index("name").title
    if not corpus.pages:
        return reports.map(titles).map(lambda title: name(title, 48))
    links = [_Link(_page(each), name(titles[each], 48)) for each in reports]
    return pd.Series(links, index=reports.index, dtype=object)


def _links(names: Sequence[str], *, known: bool) -> Markup:
    shown = [
        element("a", isolated(n), href=_page(n)) if known else isolated(n) for n in names[:NAMED]
    ]
    more = [f"and {len(names) - NAMED} more"] if len(names) > NAMED else []
    return Markup(", ").join([*shown, *more]) if names else EMPTY


def _page(report: str) -> str:
    return f"./{quote(report)}.html"
