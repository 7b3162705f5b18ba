"""The model card, written from the figures and the record that lie beside the weights."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from analysis.errors import InputError, one_line
from analysis.scorers.onnx_folder import ModelFolder
from training.config import TrainConfig
from training.data import RENAMED
from training.held_out import OWN_ARTICLES
from training.measure import DECISIVE, WANTED

HERE = Path(__file__).parent
SOURCES = HERE / "sources.yaml"
# Sets whose labels people gave; a large language model helped to label the others.
BY_PEOPLE = ("relation/subreddit_agreement", "stance/newsmtsc", "stance/vast", "bias/babe")
SIZES = {
    "minilm": "6 layers of 384 units, 22 million parameters",
    "mpnet": "12 layers of 768 units, 110 million parameters",
}


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table whose columns after the first are aligned right."""
    lines = [headings, ["---", *["--:"] * (len(headings) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def figure_table(sets: dict[str, dict]) -> str:
    """Return the figures of held-out sets."""
    headings = (
        "set", "n", "macro-F1", "95% interval", "F1 by label", "accuracy",
        "calibration error", "coverage", "selective accuracy",
    )  # fmt: skip
    return table(headings, (_figure_row(name, found) for name, found in sets.items()))


def _figure_row(name: str, found: dict) -> list[str]:
    int8 = found["int8"]
    low, high = int8["macro_f1_ci"]
    selective = int8["selective_accuracy"]
    return [
        name,
        f"{int8['n']:,}",
        f"{int8['macro_f1']:.3f}",
        f"{low:.3f} to {high:.3f}",
        ", ".join(f"{label} {of['f1']:.2f}" for label, of in int8["per_class"].items()),
        f"{int8['accuracy']:.3f}",
        f"{int8['ece']:.3f}",
        f"{int8['coverage']:.2f}",
        "–" if selective is None else f"{selective:.3f}",
    ]


def source_table(sets: dict[str, dict]) -> str:
    """Return the figures of `replies` by the place that the rows come from."""
    rows = (
        [name, part, str(of["n"]), f"{of['macro_f1']:.3f}", f"{of['accuracy']:.3f}"]
        for name, found in sets.items()
        for part, of in found.get("by_source", {}).items()
    )
    return table(("set", "source", "n", "macro-F1", "accuracy"), rows)


def divergence_table(found: dict[str, dict]) -> str:
    """Return how well divergences on Marginalia are found, by scorer."""

    def shown(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    rows = (
        [
            name,
            f"{shown(of['sign_right'])} of {of['sign_n']}",
            *(shown(of[kind]) for kind in ("pearson", "spearman")),
            str(of["figure_n"]),
            f"{shown(of['interval_coverage'])} of {of['interval_n']}",
        ]
        for name, of in found.items()
    )
    headings = ("scorer", "sign right", "Pearson", "Spearman", "with a figure", "gold in interval")
    return table(headings, rows)


def int8_table(sets: dict[str, dict]) -> str:
    """Return the macro-F1 of halves A in int8 and in float32."""
    rows = (
        [name, str(half["int8"]["n"]), *(f"{half[form]['macro_f1']:.3f}" for form in half)]
        for name, half in ((name, found.get("half_a")) for name, found in sets.items())
        if half
    )
    return table(("set, half A", "n", "int8", "float32"), rows)


def audit_table(groups: list[dict]) -> str:
    """Return the swap audit's mean shifts by kind of name."""
    rows = (
        [group["group"], str(group["pairs"]), f"{group['neutral']:.3f}", f"{group['loaded']:.3f}"]
        for group in groups
    )
    return table(("names", "pairs", "neutral sentences", "loaded sentences"), rows)


def data_table(config: TrainConfig, rows: dict[str, int]) -> str:
    """Return the sets, their licenses, their rows and their share in each phase."""
    known = yaml.safe_load(SOURCES.read_text("utf-8"))
    out = []
    for name in sorted(config.sources()):
        told = known[name.removesuffix(RENAMED)]
        shares = [f"{phase.sources[name]:g}" if name in phase.sources else "–"
                  for phase in config.phases]  # fmt: skip
        by = f"{told['by']}, names exchanged" if name.endswith(RENAMED) else told["by"]
        count = f"{rows[name]:,}" if name in rows else "–"
        out.append([name, by, told["license"], count, *shares])
    headings = ("set", "by", "license as stated", "rows",
                *(f"phase {phase.name}" for phase in config.phases))  # fmt: skip
    return table(headings, out)


def license_counts(config: TrainConfig) -> str:
    """Return how many sets state no license, are non-commercial, or ask to share alike."""
    known = yaml.safe_load(SOURCES.read_text("utf-8"))
    names = {name.removesuffix(RENAMED) for name in config.sources()}
    terms = [known[name]["terms"] for name in names]
    return (
        f"Of the {len(terms)} sets, {terms.count('unstated')} state no license or only part of "
        f"one, {terms.count('non-commercial')} are for non-commercial or academic use only, and "
        f"{terms.count('share-alike')} require that derived works be shared under the same terms."
    )


def answering_lines(config: dict, reached: dict[str, bool]) -> str:
    """Return each task's calibration and threshold, and what the threshold gives."""
    lines = []
    for task, how in config["tasks"].items():
        aim = f"{WANTED[task]:.0%} right on halves A of {' and '.join(DECISIVE[task])}"
        result = aim if reached[task] else f"the surest 30%, since no threshold gives {aim}"
        bias = ", ".join(f"{value:+.3f}" for value in how["bias"])
        lines.append(
            f"- {task}: temperature {how['temperature']:g}, biases {bias}; "
            f"unclear below {how['threshold']:g} ({result})"
        )
    return "\n".join(lines)


def made(record: dict) -> str:
    """Return the weights that a run started from, and where it was cut short."""
    lines = []
    if begun := record["init"]:
        lines.append(
            f"The run that wrote this folder began with `{begun['file']}` "
            f"(SHA-256 `{begun['sha256']}`)."
        )
    options = {name: value for name, value in record["options"].items() if value is not None}
    if options:
        listed = ", ".join(f"`--{name} {value}`" for name, value in options.items())
        lines.append(f"Its options: {listed}.")
    return " ".join(lines)


def steady(config: TrainConfig) -> str:
    """Return over which steps alone the rate falls, where it stays before."""
    told = [
        f"in phase `{phase.name}` over the last {100 * phase.falling:.0f}% of the steps"
        for phase in config.phases
        if phase.falling < 1
    ]
    return f" ({'; '.join(told)})" if told else ""


def rates(config: TrainConfig) -> str:
    """Return how the learning rate differs between layers and heads."""
    times = config.head_rate
    heads = f" and {times:g} times as high for the heads" if times != 1 else ""
    return f"It is lower by a factor of {config.layer_decay:g} for each layer further down{heads}. "


def frozen(config: TrainConfig) -> str:
    """Return which layers learn nothing, where some do not."""
    lowest = config.frozen_layers
    return f"The embeddings and the lowest {lowest} layers stay as they were. " if lowest else ""


def adapters(config: TrainConfig) -> str:
    """Return how the layers learn, where they do so by adapters."""
    if not config.adapter_rank:
        return ""
    return (
        f"The other layers learn by low-rank adapters of rank {config.adapter_rank} (LoRA, Hu et "
        "al. 2022), which are added to their matrices at the end. "
    )


class Beside(NamedTuple):
    """Another model: its name, and its macro-F1 on each set."""

    name: str
    macro_f1: dict[str, float]


def read_beside(folder: Path) -> Beside:
    """Read a folder's figures, to show them beside those of another model.

    Raises:
        InputError: the folder lacks a figure.
        ScorerError: the folder is missing, incomplete or damaged.
    """
    model = ModelFolder(folder)
    name, metrics = model.config.name, model.metrics
    try:
        figures = {of: found["int8"]["macro_f1"] for of, found in metrics["sets"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"--beside {folder}: found no figures in metrics.json ({one_line(error)}); expected "
            "those of a published model"
        ) from None
    return Beside(name, figures)


def gap_table(sets: dict[str, dict], beside: Beside | None) -> str:
    """Return the macro-F1 beside that of another model on the sets that both have."""
    if beside is None:
        return ""
    rows = []
    for of, found in sets.items():
        if of in beside.macro_f1:
            ours, its = found["int8"]["macro_f1"], beside.macro_f1[of]
            gap = f"{ours - its:+.3f}".replace("-", "−")
            rows.append([of, f"{ours:.3f}", f"{its:.3f}", gap])
    columns = table(("set", "this model", beside.name, "difference"), rows)
    return f"Macro-F1 beside `{beside.name}`, on the same rows:\n\n{columns}\n"


def write_card(folder: Path, config: TrainConfig, beside: Beside | None = None) -> None:
    """Write `MODEL_CARD.md` of a folder that has `config.json` and its companions.

    Args:
        folder: of the model.
        config: the model's configuration.
        beside: another model, whose figures stand beside this one's.
    """
    shipped, training, metrics = (
        json.loads((folder / f"{name}.json").read_text("utf-8"))
        for name in ("config", "training", "metrics")
    )
    sets = metrics["sets"]
    people = {name: found for name, found in sets.items() if name in BY_PEOPLE}
    own = sets.get(OWN_ARTICLES, {}).get("int8")
    sides = [own["per_class"][label]["f1"] for label in ("agree", "disagree")] if own else []
    fields = {
        "name": shipped["name"],
        "date": shipped["date"],
        "size": SIZES[config.base],
        "base": shipped["base"]["name"],
        "base_license": shipped["base"].get("license") or shipped["base"]["licence"],
        "base_sha256": shipped["base"]["model.safetensors"],
        "recipe": training["recipe"],
        "provenance": config.provenance,
        "made": made(training),
        "gap": gap_table(sets, beside),
        "steady": steady(config),
        "rates": rates(config),
        "frozen": frozen(config),
        "adapters": adapters(config),
        "data": data_table(config, training.get("rows", {})),
        "licenses": license_counts(config),
        "people": figure_table(people),
        "machines": figure_table({k: v for k, v in sets.items() if k not in people}),
        "sides": f"{sum(sides) / 2:.3f}" if sides else "not measured",
        "divergence": divergence_table(metrics["divergence"]),
        "by_source": source_table(sets),
        "int8": int8_table(sets),
        "quantization": metrics["quantization"],
        "costs": ", ".join(f"{task} {cost:+.4f}"
                           for task, cost in metrics["int8_cost_on_halves_a"].items()),
        "answering": answering_lines(shipped, metrics["thresholds_reach_their_aim"]),
        "audit": audit_table(metrics["audit_groups"]),
        "audit_finding": metrics["audit"]["finding"],
    }  # fmt: skip
    text = (HERE / "card.md").read_text("utf-8")
    for name, value in fields.items():
        text = text.replace(f"{{{name}}}", value)
    (folder / "MODEL_CARD.md").write_text(text, "utf-8")
