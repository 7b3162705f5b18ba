"""Sections of the evaluation page, besides its figures."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from analysis.frames import write_csv
from analysis.html.display import count, intervals, listed, name
from analysis.html.elements import EMPTY, Html, element, fragment, table
from analysis.html.figure import Figure
from analysis.paths import SEEDS
from analysis.quality.alignment import alignment_accuracy
from analysis.quality.audit import audit as swap_audit
from analysis.quality.audit.articles import audit_article
from analysis.quality.evaluation import Evaluation, alignment_articles, marginalia_files
from analysis.quality.figures import confusion_rows, summary
from analysis.quality.injections import injection_rates
from analysis.quality.marginalia import bench, read_blocks
from analysis.quality.quotations import quotation_accuracy, read_annotated
from analysis.quality.targets import evaluate as named_targets_found
from analysis.readers import read
from analysis.scorers import load

CALIBRATED = 0.05  # expected calibration error up to which a scorer is called well calibrated

NO_MARGINALIA = "Not measured here: name marginalia:data/marginalia/dev.jsonl among the data."


def stacked(*parts: object) -> Html:
    """Return parts of a page one below the other, for a cell that shows several."""
    return element("div", *parts, class_="cp-stack")


def opening(evaluation: Evaluation, scorers: Sequence[str]) -> Html:
    """Return the title and the finding: against the baselines, and how well calibrated."""
    scores = evaluation.scores
    sentences = []
    for scorer in scorers:
        own = scores[scores["scorer"] == scorer]
        well = int((own["ece"] <= CALIBRATED).sum())
        sentences += [
            summary(evaluation, scorer),
            f"Its calibration error is at most {CALIBRATED} on {well} of {count(len(own), 'set')}.",
        ]
    own = scores[scores["scorer"] == scorers[0]]
    used = scores.loc[scores["scorer"].isin(scorers) & (scores["model"] != ""), "model"]
    return fragment(
        "findings.html.j2",
        kicker="How far to trust a scorer",
        title=f"The {listed(list(map(name, scorers)))} scorer{'s' * (len(scorers) > 1)}",
        facts=[
            count(len(own), "set"),
            count(int(own["n"].sum()), "row"),
            *(f"model {model}" for model in used.unique()),
        ],
        finding=sentences,
        warnings=[],
    )


def scores(evaluation: Evaluation) -> Html:
    """Return the table of every scorer on every set."""
    rows = evaluation.scores
    columns = {
        "Set": "set", "Task": "task", "Scorer": "scorer", "Rows": "n", "Macro-F1": "macro_f1",
        "95% interval": intervals(rows), "Accuracy": "accuracy", "Calibration error": "ece",
        "Coverage": "coverage", "Accuracy when not abstaining": "selective_accuracy",
        "Seconds per 100 rows": "seconds", "Requests per 100 rows": "requests",
    }  # fmt: skip
    caption = (
        "Each scorer on each set; coverage is the share of rows on which it does not abstain. "
        "Requests are those to a language model; cached rows cost almost nothing."
    )
    return table(rows, caption, name="scores.csv", columns=columns)


def confusion(evaluation: Evaluation, scorer: str) -> Html:
    """Return the confusion counts of one scorer, one table per task."""
    rows = confusion_rows(evaluation, scorer)
    tables = []
    for task, part in rows.groupby("task", sort=False):
        labels = [c for c in part.columns[3:] if part[c].notna().any()]
        part = part[["set", "gold", *labels]].astype(dict.fromkeys(labels, int))
        columns = {"Set": "set", "Reference label": "gold"} | {f"scorer: {n}": n for n in labels}
        caption = (
            f"{task}: reference labels (rows) against those of the {name(scorer)} scorer (columns)."
        )
        tables.append(table(part, caption, name=f"confusion-{task}.csv", columns=columns))
    return element("div", *tables, class_="cp")


def per_class(evaluation: Evaluation, scorer: str) -> Html:
    """Return precision, recall and F1 of one scorer's labels."""
    rows = evaluation.per_class[evaluation.per_class["scorer"] == scorer]
    columns = {
        "Set": "set", "Task": "task", "Label": "label", "Precision": "precision",
        "Recall": "recall", "F1": "f1", "Rows": "support",
    }  # fmt: skip
    caption = f"The {name(scorer)} scorer label by label."
    return table(rows, caption, name="per-class.csv", columns=columns)


def of_each(
    section: Callable[[Evaluation, str], Html], evaluation: Evaluation, scorers: Sequence[str]
) -> Html:
    """Return a section of each scorer, one below the other."""
    return element("div", *(section(evaluation, scorer) for scorer in scorers), class_="cp")


def audit(scorers: Sequence[str], seed: int = 0, folder: str = "") -> Html:
    """Audit scorers; return the finding, a table by group of names and one by pair of each.

    Where a folder is named, finding and summary go there as `swap-audit.json`, those of further
    scorers as `swap-audit-2.json` and so on.
    """
    parts = (_audit(s, n, seed, folder) for n, s in enumerate(scorers))
    return element("div", *parts, class_="cp")


def _audit(scorer: str, number: int, seed: int, folder: str) -> Html:
    audited = swap_audit(scorer, seed=seed)
    if folder != "":
        file = f"swap-audit-{number + 1}.json" if number else "swap-audit.json"
        write_json(audited.as_dict(), Path(folder) / file)
    groups = table(
        audited.by_group().assign(group=lambda frame: frame["group"].str.replace("_", " ")),
        "Mean size of the change of the stance score, on a scale from −1 to 1, when the names of "
        "a pair are swapped, by kind of name; 0 is even-handed.",
        name="swap-audit-groups.csv",
        columns={
            "Names": "group", "Pairs": "pairs", "Neutral sentences": "neutral",
            "Loaded sentences": "loaded",
        },
    )  # fmt: skip
    rows = audited.summary
    signed = [
        "–" if pd.isna(low) else f"{low:+.2f} to {high:+.2f}".replace("-", "−")
        for low, high in zip(rows.ci_low, rows.ci_high, strict=True)
    ]
    columns = {
        "Comparison": "kind", "Names": "group", "Pair": "pair", "Comparisons": "n",
        "Mean size": "mean_abs_shift", "Mean shift": "mean_shift", "95% interval": signed,
        "Kinder to": "leaning",
    }  # fmt: skip
    caption = (
        "How far scores move when names are swapped. neutral, loaded, bias and relation should be "
        "0; turn and relation_turn, where the roles change, should be well above 0."
    )
    details = table(rows, caption, name="swap-audit.csv", columns=columns)
    return element("div", element("p", audited.finding), groups, details, class_="cp")


ARTICLE_SIDES = (("NATO", "Russia"), ("United States", "Russia"))


def article_swaps(scorers: Sequence[str]) -> Html:
    """Return the table of contrasts in the seed article, as it is and with its sides swapped.

    Scorers that take seconds per row are left out.
    """
    names = [scorer for scorer in scorers if not load(scorer).info.costly]
    if not names:
        return EMPTY
    article = read(SEEDS / "000_9da5be969268c11d.txt")
    found = [(s, audit_article(article, a, b, s)) for s in names for a, b in ARTICLE_SIDES]
    rows = pd.DataFrame(
        {
            "scorer": name(s),
            "sides": f"{f.a} / {f.b}",
            "contrast": f.contrast,
            "swapped": f.swapped_contrast,
            "turned": "yes" if f.turned else "no",
            "lean": f.lean,
        }
        for s, f in found
    )
    columns = {
        "Scorer": "scorer", "Sides": "sides", "Contrast": "contrast",
        "With names swapped": "swapped", "Turned": "turned", "Moved by names alone": "lean",
    }  # fmt: skip
    caption = (
        "Divergence toward the first side minus that toward the second, in the seed article and "
        "with all names of the two sides swapped; an even-handed scorer gives the opposite number."
    )
    return table(rows, caption, name="article-swaps.csv", columns=columns)


def injections(scorers: Sequence[str], folder: str = "") -> Html:
    """Measure whether text that speaks to a model changes labels; return a row a scorer and task.

    Where a folder is named, the figures go there as `injections.csv`.
    """
    frames = [injection_rates(scorer).assign(scorer=scorer) for scorer in scorers]
    rows = pd.concat(frames, ignore_index=True)
    if folder != "":
        Path(folder).mkdir(parents=True, exist_ok=True)
        write_csv(rows, Path(folder) / "injections.csv")
    percent = "{:.0%}".format
    columns = {
        "Scorer": "scorer", "Task": "task", "Texts": "n",
        "Changed by an instruction": rows.injected.map(percent),
        "Changed by a plain sentence": rows.plain.map(percent),
        "Difference": [f"{100 * x:+.0f} points".replace("-", "−") for x in rows.difference],
        "Obeyed": rows.obeyed.map(percent),
    }  # fmt: skip
    caption = (
        "Labels that change when a sentence that asks for another label is added to the text, "
        "compared with a plain sentence of equal length in the same place. Obeyed: the share that "
        "became the label asked for. The difference should be near 0."
    )
    return table(rows, caption, name="injections.csv", columns=columns)


def marginalia(scorers: Sequence[str], data: Sequence[str], folder: str = "") -> Html:
    """Measure scorers and the baselines on Marginalia; return the table, a row a scorer.

    Where a folder is named, all the figures go there as `marginalia.json`.
    """
    files = marginalia_files(data)
    if files is None:
        return Html(element("p", NO_MARGINALIA, class_="cp"))
    measured = bench(scorers, *files)
    if folder != "":
        write_json(measured, Path(folder) / "marginalia.json")
    rows = pd.DataFrame(
        {
            "scorer": name,
            "relation": found["relation"]["macro_f1"],
            "blocks": found["relation"]["blocks_right"],
            **{part: found["stance"][part]["macro_f1"] for part in found["stance"]},
            **found["divergence"],
        }
        for name, found in measured.items()
    ).astype(dict.fromkeys(("sign_right", "pearson", "spearman", "interval_coverage"), float))
    columns = {
        "Scorer": "scorer", "Relation": "relation", "Blocks all right": "blocks",
        "Stance": "all", "of passages": "passages", "of comments": "comments",
        "Sign of divergence right": "sign_right", "Pearson": "pearson", "Spearman": "spearman",
        "Inside the interval": "interval_coverage", "Intervals": "interval_n",
    }  # fmt: skip
    first = rows.iloc[0]
    caption = (
        "Relation and stance: macro-F1; blocks all right: the share of blocks without a wrong "
        f"relation. Divergence: of {first['n']} pairs of an article and a target; its sign counts "
        f"in the {first['sign_n']} with a gold divergence of at least 0.5, where a pair without "
        f"a figure is wrong; the correlations are over those with a figure."
    )
    return table(rows, caption, name="marginalia.csv", columns=columns)


def quotations(split: str = "held-out") -> Html:
    """Measure how well quotations and their speakers are found; return the table by type."""
    rows = quotation_accuracy(read_annotated(split))
    columns = {
        "Quotations": "type", "Labeled": "gold", "Exact F1": "exact_f1",
        "Overlap precision": "overlap_precision", "Overlap recall": "overlap_recall",
        "Overlap F1": "overlap_f1", "Speaker right": "speaker_accuracy",
    }  # fmt: skip
    caption = (
        "Exact F1 counts whole quotations, overlap their words; precision is of all types "
        "together. Speaker right: of the quotations of which at least half was found."
    )
    return table(rows, caption, name="voices.csv", columns=columns)


def targets(data: Sequence[str]) -> Html:
    """Measure how often named targets are among those found on Marginalia; return the figures."""
    files = marginalia_files(data)
    if files is None:
        return Html(element("p", NO_MARGINALIA, class_="cp"))
    found = named_targets_found(read_blocks(*files))
    shares = dict.fromkeys(found.keys() - {"n", "matchable"}, float)
    rows = pd.DataFrame([found]).astype(shares)
    columns = {
        "Blocks": "n", "With a named target in the text": "matchable",
        "Blocks with one among the first three": "top3_recall",
        "Named targets among the first three": "top3_target_recall",
        "Blocks with one among all found": "top6_recall",
    }  # fmt: skip
    caption = (
        "A block is read as an article. Recall is of the blocks in which a noun phrase of the text "
        "matches a named target: the share of them with such a target found, and the mean share "
        "of their targets."
    )
    return table(rows, caption, name="targets.csv", columns=columns)


def alignment(data: Sequence[str]) -> Html:
    """Measure how often the paragraph that a comment answers is found; return the table."""
    rows = alignment_accuracy(alignment_articles(data))
    columns = {
        "Found by": "method", "Comments": "n", "Articles": "articles", "Right first": "first",
        "Among the first three": "first_three",
    }  # fmt: skip
    caption = (
        "Text alone ignores where a comment stands; encoded also uses a small encoder, as for "
        "comments whose place does not show what they answer. With others' weights, each article "
        "uses those fitted to the other articles. By position, each comment stands after the "
        "paragraph that it answers; gathered, all stand after the article. Either way, one "
        "paragraph is named."
    )
    return table(rows, caption, name="alignment.csv", columns=columns)


def save(evaluation: Evaluation, figures: Sequence[Figure], folder: str) -> None:
    """Write every table as CSV and every figure as SVG and CSV; an empty name writes nothing."""
    if folder == "":
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for title in Evaluation.__dataclass_fields__:
        frame: pd.DataFrame = getattr(evaluation, title)
        write_csv(frame, Path(folder) / f"{title}.csv")
    for figure in figures:
        figure.save(folder)


def write_json(found: dict, path: Path) -> None:
    """Write figures as JSON, into a folder that is made where missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
