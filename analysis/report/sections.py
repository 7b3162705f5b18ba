"""The report's sections besides the annotated article and the figures."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis.html.display import interval
from analysis.html.elements import EMPTY, Html, element, fragment, table
from analysis.params import ReportParams
from analysis.paths import TEMPLATES
from analysis.report import findings
from analysis.report.edition import notes_of
from analysis.report.provenance import chosen, command, now, shown_path, versions
from analysis.scoring.counts import LABELS, LOADED, TOP_SEGMENTS, strongest
from analysis.scoring.explanation import Explanation, Explanations
from analysis.scoring.pipeline import Result
from analysis.text.loaded_language import charged_words
from analysis.types import Article, Relation, Voice

SIDES = (Voice.AUTHOR, Voice.COMMENTATOR)
TEASER = 110  # characters of a passage in a table; the CSV holds the whole


def style() -> Html:
    """Return the report's style sheet for a notebook in JupyterLab; the export has its own."""
    css = (TEMPLATES / "counterpoint" / "report.css").read_text(encoding="utf-8")
    return Html(Markup("<style>{}</style>").format(Markup(css)))


def opening(result: Result) -> Html:
    """Return the title, the finding, and what must be known before reading on."""
    facts = [
        shown_path(result.article.source),
        findings.count(len(result.relations), "comment"),
        findings.count(len(result.targets), "target"),
        findings.abstentions(result),
        findings.scorer(result.scorer),
    ]
    return fragment(
        "opening.html.j2",
        title=result.article.title,
        facts=facts,
        finding=findings.finding(result),
        warnings=findings.warnings(result),
    )


def relations(result: Result) -> Html:
    """Return the table of comments: what how each responds to its passage, and how surely."""
    if result.relations.empty:
        return Html(element("p", "There is no comment in this text.", class_="cp cp-empty"))
    rows = [
        {
            "comment": str(note.number),
            "by": note.commentator or "–",
            "label": note.relation,
            **{f"p_{r}": note.row.get(f"p_{r}", float("nan")) for r in Relation},
            "alignment": f"reply to {note.answered}"
            if note.answered
            else note.row.alignment or "–",
            "passage": teaser(note.row.get("passage", "")) or "–",
            "text": teaser(note.row.get("commentary", "")),
        }
        for note in notes_of(result)
    ]
    headings = {
        "comment": "No.",
        "by": "By",
        "text": "Comment",
        "label": "Relation",
        "p_agree": "agree",
        "p_disagree": "disagree",
        "p_neutral": "neutral",
        "alignment": "Tied by",
        "passage": "Passage",
    }
    if not (result.relations.commentator != "").any():
        del headings["by"]
    shown = pd.DataFrame(rows, columns=list(headings))
    return table(
        shown,
        findings.relations_caption(result),
        name="relations.csv",
        headings=headings,
        data=result.relations,
    )


def comparison(result: Result) -> Html:
    """Return the table of targets: author, commentary, divergence and interval."""
    rows = result.comparison
    if rows.empty:
        return Html(EMPTY)  # the figure says why
    shown = findings.difference_shown(rows).map({True: "yes", False: "cannot be shown"})
    intervals = [interval(low, high) for low, high in zip(rows.ci_low, rows.ci_high, strict=True)]
    headings = {
        "target": "Target",
        "author_score": "Author",
        "author_n": "Author’s sentences",
        "commentator_score": "Commentary",
        "commentator_n": "Comments",
        "divergence": "Divergence",
        "interval": "Interval",
        "shown": "Difference",
    }
    return table(
        rows.assign(interval=intervals, shown=shown, target=rows.target.map(teaser)),
        findings.comparison_caption(result),
        name="comparison.csv",
        headings=headings,
        data=rows,
    )


def teaser(text: str) -> str:
    """Return the beginning of a text, cut at a word."""
    if len(text) <= TEASER:
        return text
    cut = text[:TEASER]
    return cut.rsplit(" ", 1)[0].rstrip(",;: ") + "\u00a0…"


def cues(result: Result) -> Html:
    """Return the table of cues: how often each side uses each kind, and which words."""
    rates = result.cue_rates
    used = rates[rates.voice.isin([voice.value for voice in SIDES])]
    used = used[used["count"].groupby(used.kind).transform("sum") > 0]
    if used.empty:
        return Html(EMPTY)  # the figure says why
    headings = {"kind": "Kind"}
    rows = pd.DataFrame({"kind": list(dict.fromkeys(used.label))})
    for voice in SIDES:
        own = used[used.voice == voice.value].set_index("label").reindex(list(rows.kind))
        rows[f"{voice}_rate"] = [findings.rate(row) for row in own.itertuples()]
        rows[f"{voice}_words"] = [teaser(text) or "–" for text in own.texts.fillna("")]
        headings |= {f"{voice}_rate": LABELS[voice], f"{voice}_words": f"{LABELS[voice]}’s words"}
    caption = findings.cues_caption(result)
    return table(rows, caption, name="figure-cues.csv", headings=headings, data=rates)


def stacked(*parts: object) -> Html:
    """Return parts of the report one below the other, for a cell that shows several."""
    return Html(element("div", *parts, class_="cp-stack"))


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
            ],
        )
        for voice in SIDES
    }
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


def provenance(result: Result, params: ReportParams) -> Html:
    """Return the input's hash, the scorer, parameters, versions, date and command."""
    changed = ", ".join(f"{k} = {v}" for k, v in chosen(params).items()) or "all at their defaults"
    facts = {
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
            f"Counterpoint {versions().get('counterpoint', '')}: comparison report on "
            f"“{findings.name(result.article.title, 120)}”, {result.scorer.name} scorer "
            f"{result.scorer.version}, {now()[:10]}."
        ),
    }
    if params.tables:
        facts["Beside this page"] = (
            f"The folder {result.article.article_id}: every table as CSV and Parquet, the "
            "relations as JSON-LD (annotations.jsonld, W3C Web Annotations), every figure as SVG "
            "and CSV, and the executed notebook."
        )
    return fragment("provenance.html.j2", facts=facts, command=command(params))


def _published(article: Article) -> dict[str, str]:
    """Return what the file tells of where its text comes from."""
    about = dict(article.about)
    names = {
        "url": "Address", "retrieved": "Got on", "outlet": "Outlet", "date": "Dated",
        "date_text": "Dated, as written",
        "author": "By", "encoding": "Read as", "repaired": "Repaired",
    }  # fmt: skip
    return {shown: about[name] for name, shown in names.items() if about.get(name)}
