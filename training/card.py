"""The model card, written from the figures and the record that lie beside the weights."""

import json
from pathlib import Path

# Each set: its licence as its source states it, and who made it.
LICENCES = {
    "relation/sick": ("CC BY-NC-SA 3.0 by its authors' site, unverified", "Marelli et al. 2014"),
    "relation/conjnli": ("not stated", "Saha et al. 2020"),
    "relation/breaking_nli": ("not stated", "Glockner et al. 2018"),
    "relation/rte": ("see GLUE", "GLUE"),
    "relation/perspectrum": ("Creative Commons, no version", "Chen et al. 2019"),
    "relation/ibm_argq_30k": ("publisher states CC BY-SA 3.0", "Gretz et al. 2020"),
    "relation/healthver": ("not stated", "Sarrouti et al. 2021"),
    "relation/subreddit_agreement": ("not stated", "Lei & Huang 2022"),
    "relation/reddit_trump": ("not stated", "Reddit replies"),
    "relation/political_campaign": ("CC BY 4.0", "Menini et al. 2018"),
    "relation/made_comments": ("this project's, on text of the sets below", "weak labels"),
    "relation/made_pairs": ("this project's, on text of the sets below", "weak labels"),
    "relation/made_objections": ("this project's, on text of the sets below", "weak labels"),
    "relation/made_unmarked": ("this project's, on text of the sets below", "weak labels"),
    "stance/made_swapped": ("this project's, on text of newsmtsc", "targets renamed"),
    "stance/made_turned": ("this project's, on text of newsmtsc", "targets exchanged"),
    "stance/made_roles": ("this project's", "weak labels"),
    "stance/news_unlabelled": ("as the news sets below", "labelled by the teacher alone"),
    "relation/replies_unlabelled": ("as the Reddit sets", "labelled by the teacher alone"),
    "stance/newsmtsc": ("MIT-style", "Hamborg & Donnay 2021"),
    "stance/vast": ("not stated", "Allaway & McKeown 2020"),
    "stance/gwsd": ("not stated", "Luo et al. 2020"),
    "stance/basil": ("not stated", "Fan et al. 2019"),
    "stance/persent": ("not stated", "Bastan et al. 2020"),
    "stance/sentfin": ("MIT", "finance headlines"),
    "stance/pstance": ("repository MIT", "Li et al. 2021"),
    "stance/covid19": ("not stated", "Glandt et al. 2021"),
    "stance/multitarget": ("not stated", "Sobhani et al. 2017"),
    "bias/babe": (
        "repository AGPL-3.0, group's data elsewhere CC BY-NC-SA",
        "Spinde et al. 2021",
    ),
    "bias/basil": ("not stated", "Fan et al. 2019"),
    "bias/lim2020": ("not stated", "Lim et al. 2020"),
    "bias/wiki_npov": ("Wikipedia CC BY-SA", "Hube & Fetahu 2019"),
    "bias/ukraine_news_bias": ("not stated", "crowd labels"),
}


def figure_table(sets: dict[str, dict]) -> str:
    """Return the figures of every dev set as a Markdown table."""
    head = (
        "| set | n | macro-F1 int8 | float32 | F1 by label (int8) | accuracy | "
        "ECE raw | ECE | ECE cross-fitted | ECE by chance alone | coverage |\n"
        "|---|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|\n"
    )
    rows = []
    for name, figures in sets.items():
        int8, crossed = figures["int8"], figures["int8_cross_fitted"]
        f1 = ", ".join(f"{label} {value:.3f}" for label, value in int8["f1"].items())
        cells = [
            name,
            str(int8["n"]),
            f"{int8['macro_f1']:.3f}",
            f"{figures['float32']['macro_f1']:.3f}" if "float32" in figures else "–",
            f1,
            f"{int8['accuracy']:.3f}",
            f"{figures['int8_uncalibrated']['ece']:.3f}",
            f"{int8['ece']:.3f}",
            f"{crossed['ece']:.3f}",
            f"{figures['ece_of_a_perfect_model']:.3f}",
            f"{int8['coverage']:.2f}",
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return head + "\n".join(rows)


def data_table(drawn: dict[str, int], taught: dict[str, int]) -> str:
    """Return the data sets, their licences and the rows drawn as a Markdown table.

    `drawn` are the rows that the model learnt from, `taught` those of its teacher.
    """
    rows = [
        f"| {name} | {LICENCES[name][1]} | {LICENCES[name][0]} "
        f"| {drawn.get(name, 0)} | {taught.get(name, 0)} |"
        for name in sorted(drawn | taught)
    ]
    head = "| set | source | licence as stated | rows drawn | by the teacher |\n"
    return head + "|---|---|---|--:|--:|\n" + "\n".join(rows)


def teachers(bases: list[dict]) -> str:
    """Return a paragraph on the encoders that taught the model, or nothing."""
    told = (
        "Its last phase learnt from a teacher too, {name} ({licence}), which this project\n"
        "trained on the rows counted below; its `model.safetensors` has SHA-256\n`{sha256}`.\n\n"
    )
    return "".join(told.format(**base) for base in bases)


def mean_of_sides(sets: dict[str, dict]) -> str:
    """Return the mean F1 of agree and disagree on this project's own rows, or a dash."""
    if "relation/dev-relations" not in sets:
        return "–"
    f1 = sets["relation/dev-relations"]["int8"]["f1"]
    return f"{(f1['agree'] + f1['disagree']) / 2:.3f}"


def write_card(folder: Path) -> None:
    """Write `MODEL_CARD.md` of a folder that has `config.json` and its companions."""
    config, training, metrics = (
        json.loads((folder / f"{name}.json").read_text("utf-8"))
        for name in ("config", "training", "metrics")
    )
    template = Path(__file__).with_name("card.md").read_text("utf-8")
    fields = {
        "{date}": config["date"],
        "{base_sha256}": config["base"]["model.safetensors"],
        "{teacher}": teachers(training["teacher_bases"]),
        "{mean}": mean_of_sides(metrics["sets"]),
        "{figures}": figure_table(metrics["sets"]),
        "{data}": data_table(training["rows_drawn"], training["teacher_rows_drawn"]),
        "{calibration}": "\n".join(
            f"- {task}: temperature {fields['temperature']}, bias {fields['bias']}, "
            f"abstains below {fields['threshold']}"
            for task, fields in config["tasks"].items()
        ),
    }
    for mark, value in fields.items():
        template = template.replace(mark, value)
    (folder / "MODEL_CARD.md").write_text(template, "utf-8")
