"""The report's sections besides the annotated article and the figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.html.display import estimate, intervals, teaser
from analysis.html.elements import EMPTY, Html, element, fragment, table
from analysis.html.figure import Figure
from analysis.params import ReportParams
from analysis.paths import TEMPLATES
from analysis.report import findings
from analysis.report import opening as plain
from analysis.report.edition import ALIGNMENT_WORDS, notes_of
from analysis.report.glossary import GLOSSES, glossed
from analysis.report.provenance import chosen, command, now, shown_path, versions
from analysis.scoring.counts import LABELS, TOP_SEGMENTS, strongest
from analysis.scoring.explanation import Explanation, Explanations
from analysis.scoring.pipeline import Result
from analysis.text.loaded_language import charged_words
from analysis.thresholds import LOADED
from analysis.types import Article, Stance, Task, Voice

SIDES = (Voice.AUTHOR, Voice.COMMENTATOR)
MAX_COMMENTATORS = 3  # named below the title


def style() -> Html:
    """Return the report's style sheet for a notebook in JupyterLab; the export has its own."""
    css = (TEMPLATES / "counterpoint" / "report.css").read_text(encoding="utf-8")
    return Html(f"<style>{css}</style>")


def opening(
    result: Result, contents: Mapping[str, str], checked: str = "", second: str = ""
) -> Html:
    """Return the title, the finding in plain words, and what must be known before reading on.

    Args:
        result: of `score` or `run`.
        contents: the page's sections, each heading by its anchor.
        checked: how the labels compare with people's; empty where there are none.
        second: how far a second scorer agrees; empty where there is none.
    """
    article = result.article
    return fragment(
        "opening.html.j2",
        title=article.title,
        facts=_facts(result),
        comments=plain.comments(result),
        answers={
            "Whom do the comments criticize or favor?": plain.toward(result),
            "Is the article slanted?": plain.article(result),
            "Second opinion": second,
            "How reliable is this?": f"{plain.sure(result)} {checked}".strip(),
        },
        disputed=plain.disputed(result),
        has_comments=len(result.relations) > 0,
        warnings=[
            line
            for line in findings.warnings(result, two_scorers=bool(second))
            if line not in findings.ONE_SIDED  # the opening says so
        ],
        contents=contents,
        glosses=GLOSSES,
    )


def _facts(result: Result) -> list[str]:
    """Return what stands below the title: outlet or else file, date, comments, who wrote them."""
    article = result.article
    about = dict(article.about)
    names = list(dict.fromkeys(b.commentator for b in article.blocks if b.commentator))
    by = [findings.name(each, 30) for each in names[:MAX_COMMENTATORS]]
    rest = len(names) - len(by)
    others = [f"{rest} others"] if rest > 0 else []
    n = len(result.relations)
    comments = findings.count(n, "comment") if n else "no comments"
    return [
        *(findings.name(about[key]) for key in ("outlet", "date") if about.get(key)),
        comments + (f" by {findings.listed([*by, *others])}" if by else ""),
        *([] if about.get("outlet") else [shown_path(article.source)]),
    ]


def section(
    anchor: str,
    title: str,
    intro: str,
    *,
    parts: Sequence[Html] = (),
    figures: Sequence[Figure] = (),
    beside: Sequence[Html] = (),
    tables: Mapping[str, Html] | None = None,
) -> Html:
    """Return a section under a heading, with figures abreast and tables folded away below.

    Small tables may stand `beside` the figures.

    Figures without a picture and tables without rows are left out; what is left without
    anything to show is nothing at all.
    """
    drawn = [figure for figure in figures if figure.drawings]
    filled = {label: made for label, made in (tables or {}).items() if str(made)}
    shown, near = ([part for part in given if str(part)] for given in (parts, beside))
    if not (drawn or filled or shown or near):
        return EMPTY
    return fragment(
        "section.html.j2",
        anchor=anchor,
        title=title,
        intro=glossed(intro),
        figures=drawn,
        beside=near,
        parts=shown,
        tables=filled,
    )


def paragraph(text: str) -> Html:
    """Return a paragraph of a section."""
    return element("p", text, class_="cp-intro")


def relations(result: Result) -> Html:
    """Return the table of comments, for paper: how each responds, and how surely."""
    if result.relations.empty:
        return EMPTY
    rows = pd.DataFrame(
        {
            "No.": str(note.number),
            "Comment": teaser(note.row.get("commentary", "")),
            "Commentator": note.commentator or None,
            "Response": note.word,
            "Confidence": note.row.get("confidence", float("nan")),
            "Stance": ", ".join(f"{side} {target}" for side, target, _ in note.sides) or "–",
            "Passage": teaser(note.row.get("passage", "")) or "–",
            "Passage found": ALIGNMENT_WORDS.get(note.row.alignment, "–"),
        }
        for note in notes_of(result)
    )
    known = rows.dropna(axis="columns", how="all").fillna({"Commentator": "–"})
    word = findings.measure(result.scorer, Task.RELATION)
    caption = f"Each comment, how it responds to its passage, and the {word} of that label."
    return table(result.relations, caption, name="relations.csv", columns=dict(known.items()))


def comparison(result: Result) -> Html:
    """Return the table of targets: author, commentary, divergence and interval."""
    rows = result.comparison
    if not rows.commentator_n.any():
        return EMPTY  # the table of everyone who speaks has the author's
    shown = findings.difference_shown(rows).map({True: "yes", False: "cannot be shown"})
    columns = {
        "Target": rows.target.map(teaser), "Author’s stance": "author_score",
        "Sentences": "author_n", "Comments’ stance": "commentator_score",
        "Comments": "commentator_n", "Difference": "divergence",
        "Interval": intervals(rows, findings.enough_texts(rows)), "Beyond chance": shown,
    }  # fmt: skip
    caption = (
        "Mean stance score by target (−1 against, 1 in favor), with the number of texts it rests "
        f"on; the difference is comments minus author, with its {findings.level(result)} interval."
    )
    return table(rows, caption, name="comparison.csv", columns=columns)


def cues(result: Result) -> Html:
    """Return the table of cues: how often each side uses each kind, and which words."""
    rates = result.cue_rates
    used = rates[rates.voice.isin([voice.value for voice in SIDES])]
    used = used[used["count"].groupby(used.kind).transform("sum") > 0]
    kinds = list(dict.fromkeys(used.label))
    columns = {"Kind": kinds}
    for voice in SIDES:
        own = used[used.voice == voice.value].set_index("label").reindex(kinds)
        columns[LABELS[voice]] = [estimate(r.rate, r.low, r.high) for r in own.itertuples()]
        columns[f"Words: {LABELS[voice]}"] = [teaser(t) or "–" for t in own.texts.fillna("")]
    caption = (
        f"Cues per 100 words on each side, with exact {findings.level(result)} Poisson intervals, "
        "and the words found, most frequent first. A cue is a place to look, not a verdict."
    )
    return table(rates, caption, name="figure-cues.csv", columns=columns)


def sentences(result: Result, why: Explanations | None = None) -> Html:
    """Return the sentences of the author and the comments that take the clearest stances.

    With explanations, the words that carry each sentence's clearest stance are marked.
    """
    stances = (why or Explanations()).stances
    explained = {text_id: (target, words) for (text_id, target), words in stances.items()}
    sides = {
        voice.value: (
            LABELS[voice],
            [
                _sentence(result, text_id, rows, *explained.get(text_id, ("", None)))
                for text_id, rows in strongest(result.stances, voice)
                if (rows.label != Stance.NONE.value).any()
            ],
        )
        for voice in SIDES
    }
    if not any(texts for _, texts in sides.values()):
        return EMPTY
    return fragment("sentences.html.j2", sides=sides)


def _sentence(
    result: Result,
    text_id: str,
    stances: pd.DataFrame,
    target: str,
    explanation: Explanation | None,
) -> dict[str, Any]:
    """Return a sentence of the author or, by its commentary id, a whole comment."""
    text, parts = _text_and_segments(result, text_id)
    ranked = stances.loc[stances.score.abs().sort_values(ascending=False, kind="stable").index]
    charged = [w for part in parts for w in charged_words(result.requests.cues[part])]
    biased = result.bias[result.bias.segment_id.isin(parts)].p_biased.max()
    return {
        "text": text,
        "stances": list(ranked.head(TOP_SEGMENTS).itertuples()),
        "loaded": teaser(", ".join(charged)),
        "biased": float(biased) if biased >= LOADED else None,
        "target": target,
        "explanation": explanation,
    }


def _text_and_segments(result: Result, text_id: str) -> tuple[str, list[str]]:
    """Return a text by its segment or commentary id, and the ids of its own segments."""
    requests = result.requests
    for comment, _ in requests.commentaries:
        if comment.commentary_id == text_id:
            return comment.text, [s.segment_id for s in requests.own_segments[text_id]]
    return next(s.text for s in requests.segments if s.segment_id == text_id), [text_id]


def provenance(result: Result, params: ReportParams, original: Result | None = None) -> Html:
    """Return the input's hash, the scorer, parameters, versions, date and command.

    Args:
        result: what the page shows.
        params: of the report.
        original: what it is compared with; none: nothing.
    """
    changed = ", ".join(f"{k} = {v}" for k, v in chosen(params).items()) or "all at their defaults"
    title = f"“{findings.name(result.article.title, 120)}”"
    if original:
        title = f"“{findings.name(original.article.title, 120)}” and {title}"
    facts = {
        **(_of_original(original.article, params.sides[0].article) if original else {}),
        "Input": shown_path(params.article),
        **_published(result.article),
        "SHA-256 of the input": result.article.sha256,
        **({"Not read": left_out} if (left_out := result.article.left_out_line) else {}),
        "Scorer": f"{findings.scorer(result.scorer)}, version {result.scorer.version}",
        "Parameters": changed,
        "Confidence level, seed": f"{result.confidence_level:g}, {result.seed}",
        "Versions": ", ".join(f"{k} {v}" for k, v in versions().items()),
        "Made": now(),
        "How to cite": (
            f"Counterpoint {versions().get('counterpoint', '')}: comparison report on {title}, "
            f"{result.scorer.name} scorer {result.scorer.version}, {now()[:10]}."
        ),
    }
    if params.tables and original is None:
        facts["Files with this page"] = (
            "The folder of the page’s name: every table as CSV and Parquet, the comments as "
            "JSON-LD (annotations.jsonld, W3C Web Annotations), every figure as SVG, PNG and CSV, "
            "a share card, and the executed notebook."
        )
    elif params.tables:
        facts["Files with this page"] = (
            "The folder of the page’s name: every table as CSV and Parquet, every figure as SVG "
            "and CSV, and the executed notebook."
        )
    return fragment("provenance.html.j2", facts=facts, command=command(params))


def _of_original(article: Article, path: str) -> dict[str, str]:
    """Return where the original comes from, under names that tell it from the input."""
    return {
        "Original": shown_path(path),
        **{f"Original: {name}": value for name, value in _published(article).items()},
        "SHA-256 of the original": article.sha256,
        **({"Not read of the original": line} if (line := article.left_out_line) else {}),
    }


def _published(article: Article) -> dict[str, str]:
    """Return what the file tells of where its text comes from."""
    about = dict(article.about)
    names = {
        "url": "Address", "retrieved": "Downloaded", "outlet": "Outlet", "date": "Dated",
        "date_text": "Dated, as written",
        "author": "By", "encoding": "Read as", "repaired": "Repaired",
    }  # fmt: skip
    return {shown: about[name] for name, shown in names.items() if about.get(name)}
