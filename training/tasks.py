"""The three tasks and their labels, in the order of the model's outputs."""

TASKS: dict[str, tuple[str, ...]] = {
    "relation": ("agree", "disagree", "neutral"),
    "stance": ("favor", "against", "none"),
    "bias": ("biased", "unbiased"),
}
MOST_LABELS = max(map(len, TASKS.values()))
