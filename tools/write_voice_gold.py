"""Write the gold set of quotations in data/gold/voices/ from its marked-up sources.

    python tools/write_voice_gold.py [--check]

A quotation in `source/SPLIT/NAME.txt` is marked `⟦type|speaker|speaker_full|cue⟧content⟦/⟧`,
with `d`, `i` or `m` for the type and `=` for a `speaker_full` that is the speaker itself.
The result is `SPLIT/NAME.txt`, without marks, and `SPLIT.jsonl`, one quotation a line.
`seed.jsonl` is labeled by hand and only verified. `--check` verifies everything and
says what is out of date, but writes nothing.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOLD = ROOT / "data" / "gold" / "voices"
SEED = ROOT / "seeds" / "000_9da5be969268c11d.txt"

TYPES = {"d": "direct", "i": "indirect", "m": "mixed"}
PRONOUNS = {"he", "she", "they", "it"}
OPEN, CLOSE = "\"“‘'", "\"”’'"
MARK = re.compile(r"⟦(?P<head>[^⟦⟧]*)⟧(?P<text>[^⟦⟧]*)⟦/⟧")


def convert(name: str, source: str) -> tuple[str, list[dict]]:
    """Return the plain text of a marked-up article and its quotations in order."""
    text, rows, position = "", [], 0
    for match in MARK.finditer(source):
        text += source[position : match.start()]
        kind, speaker, full, cue = match["head"].split("|")
        row = {"article": name, "start": len(text), "end": len(text) + len(match["text"])}
        row |= {"text": match["text"], "type": TYPES[kind], "speaker": speaker}
        rows.append(row | {"speaker_full": speaker if full == "=" else full, "cue": cue})
        text += match["text"]
        position = match.end()
    text += source[position:]
    if set(text) & set("⟦⟧"):
        raise SystemExit(f"{name}: a mark that is not closed, or not opened")
    return text, rows


def problems(raw: str, rows: list[dict]) -> list[str]:
    """Return what is wrong with the labels of one article, one line each."""
    found, last = [], 0
    for row in rows:
        wrong = [name for name, holds in _rules(raw, row, last).items() if not holds]
        found += [f"{row['article']}:{row['start']}: {name}" for name in wrong]
        last = row["end"]
    return found


def _rules(raw: str, row: dict, last: int) -> dict[str, bool]:
    """Return, for each rule that a label keeps, whether it does."""
    start, end, text, kind = row["start"], row["end"], row["text"], row["type"]
    paragraphs = raw[:end].split("\n\n")
    near = "\n".join([*paragraphs[-4:], raw[end:].split("\n\n")[0]])
    goes_on = raw[end : end + 2] == "\n\n" and raw[end + 2 : end + 3] == text[0]
    marks = {mark for mark in '"“”' if mark in text} or re.findall(r"(?<!\w)[‘']", text)
    return {
        "the span does not give back the text": raw[start:end] == text and text != "",
        "overlaps the quotation before it, or is out of order": start >= last,
        "begins or ends with a space": text == text.strip(),
        "crosses a line": "\n" not in text,
        "lies in the title": start > raw.index("\n"),
        "lies in a commentary or citation": not paragraphs[-1].startswith("Comment:"),
        "type is not direct, indirect or mixed": kind in TYPES.values(),
        "direct, but not from mark to mark": kind != "direct"
        or (text[0] in OPEN and (text[-1] in CLOSE or goes_on)),
        "mixed, but without a mark": kind != "mixed" or bool(marks),
        "indirect, but with a mark": kind != "indirect" or not marks,
        "indirect, but ends in punctuation": kind != "indirect" or text[-1] not in ".,;:",
        "speaker is not near": row["speaker"] in near,
        "cue is not near": row["cue"] in near,
        "speaker_full is not in the article": row["speaker_full"] in raw,
        "speaker_full is a pronoun": row["speaker_full"].lower() not in PRONOUNS,
        "a speaker without speaker_full, or the reverse": bool(row["speaker"])
        == bool(row["speaker_full"]),
    }


def outputs() -> tuple[dict[Path, str], list[str]]:
    """Return every file to write with its text, and what is wrong with the labels."""
    files, wrong = {}, []
    for split in ("dev", "held-out"):
        lines = []
        for path in sorted((GOLD / "source" / split).glob("*.txt")):
            raw, rows = convert(path.stem, path.read_text(encoding="utf-8"))
            files[GOLD / split / path.name] = raw
            lines += [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
            wrong += problems(raw, rows)
        files[GOLD / f"{split}.jsonl"] = "".join(lines)
    seed = (GOLD / "seed.jsonl").read_text(encoding="utf-8")
    files[GOLD / "seed.jsonl"] = seed
    rows = [json.loads(line) for line in seed.splitlines()]
    return files, wrong + problems(SEED.read_text(encoding="utf-8"), rows)


def main(check: bool) -> int:
    """Write the gold set, or only check it, and print its counts."""
    files, wrong = outputs()
    for path, text in files.items():
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(f"{path.relative_to(ROOT)}: out of date, run tools/write_voice_gold.py")
    for path in (path for path in files if path.suffix == ".jsonl"):
        counts = Counter(json.loads(line)["type"] for line in files[path].splitlines())
        print(path.name, counts.total(), dict(sorted(counts.items())))
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
