"""Small corpora of our own for the tests of `analysis/scale/`."""

import json
import random

PEOPLE = ("NATO", "Russia", "Ukraine", "the European Union", "China", "Moscow", "Angela Merkel")
SENTENCES = (
    "{a} said on Monday that {b} had broken the agreement on grain.",
    "Officials in {a} called the claim a dangerous provocation by {b}.",
    "The talks between {a} and {b} ended after {n} hours without a word.",
    "“We will not accept pressure from {b},” a spokesman for {a} told reporters.",
    "Residents called the shelling brutal and blamed {b} for {n} deaths.",
)
COMMENTS = (
    "Comment: Wrong. {a} broke that agreement {n} times itself.",
    "Comment: Exactly. {b} has been lying for {n} years.",
    "Comment: See above, as always.",
)


def text(seed):
    """An annotated article of three paragraphs; equal seeds give equal texts."""
    rng = random.Random(seed)

    def said(sentence):
        a, b = rng.sample(PEOPLE, 2)
        return sentence.format(a=a, b=b, n=rng.randint(2, 5000))

    parts = [f"Talks number {seed} on grain and gas"]
    for _ in range(3):
        parts += [" ".join(said(rng.choice(SENTENCES)) for _ in range(2))]
        parts += [said(rng.choice(COMMENTS))]
    return "\n\n".join(parts)


def rows(count):
    """Articles as rows of a table."""
    return [
        {
            "id": f"a{n}",
            "text": text(n),
            "outlet": ("Herald", "Courier")[n % 2],
            "date": f"2025-{n % 3 + 1:02}-07",
        }
        for n in range(count)
    ]


def write_jsonl(path, found):
    """Write rows, or whole lines where they are texts already."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in found]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
