"""Make annotated articles from a seeded grammar: as many as asked for, and nobody's text.

    python tools/make_corpus.py articles --count 200 --seed 1
    python tools/make_corpus.py corpus.jsonl --count 100000

A folder gets one file per article, `OUTLET/DATE-NUMBER.txt`, and a site file; a name that
ends in `.jsonl` gets one line per article. Article number n of a seed is the same however
many are made. Outlets lean toward some targets and against others, commentators mostly
lean the other way, and the lean of one outlet turns halfway through the time, so that a
report on many has something to find. It is no measure of a scorer: whoever wrote the
sentences knew what a scorer reads.
"""

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

TARGETS = ("NATO", "Russia", "the European Union", "China", "the United Nations")
OUTLETS = {  # the lean toward each target, in its order: from -1 against to 1 in favor
    "harbour-gazette": (0.8, -0.7, 0.5, -0.3, 0.2),
    "northern-courier": (-0.6, 0.6, -0.4, 0.4, 0.0),
    "valley-observer": (0.3, -0.2, 0.2, 0.0, 0.6),
    "metro-dispatch": (0.7, -0.8, 0.1, -0.7, -0.2),
    "island-times": (-0.2, 0.1, 0.7, 0.3, 0.4),
}
TURNS = "valley-observer"  # its lean is the other way round in the second half of the time
FIRST, DAYS = date(2021, 1, 4), 720
PEOPLE = "Amara Lind|Boris Tamm|Carla Voss|Dmitri Orel|Elena Marsh|Farid Nolan|Greta Stein"
SITE = """# The articles that tools/make_corpus.py made, and what is asked of them.
articles:
  - "{outlet}/{date}-*.txt"
names: "{outlet}-{stem}"
group_by: outlet
parameters:
  targets: [NATO, Russia, European Union, China, United Nations]
"""

GRAMMAR = {
    "title": "#Target# and #place#: #topic#|#topic_up# divides #place#|What #Target# wants in "
    "#place#",
    "place": "the northern ports|the river towns|the capital|the border region|the coast towns|the "
    "eastern provinces|the old harbour",
    "topic": "a plan for #things#|the row over #things#|talks on #things#|new rules for #things#",
    "topic_up": "A plan for #things#|The row over #things#|A vote on #things#",
    "things": "grain shipments|gas storage|rail freight|fishing rights|drone patrols|power "
    "lines|student visas|water treaties|steel tariffs|radar sites|bridge repairs|satellite data",
    "person": PEOPLE,
    "role": "the minister|the envoy|a spokeswoman|the committee's chair|a former general|the "
    "port's director|an economist|a union leader",
    "day": "Monday|Tuesday|Wednesday|Thursday|Friday",
    "number": "two|three|five|seven|nine|eleven|thirteen|twenty|forty",
    "good": "reliable|generous|fair|responsible|truthful|welcome|courageous|constructive",
    "bad": "reckless|dishonest|violent|hypocritical|shameful|dangerous|corrupt|brutal",
    "good_deed": "kept its promises on #things#|protected #place#|helped #number# towns rebuild|"
    "brought peace to #place#|paid for #things# when nobody else would",
    "bad_deed": "broke its promises on #things#|threatened #place#|ruined #number# towns|brought "
    "war to #place#|stole #things# and lied about it",
    "neutral": "Talks on #things# went on until #day# in #place#.|The plan covers #number# towns "
    "and runs for #number# years.|Officials from #number# countries met in #place# on #day#.|A "
    "report on #things# is expected on #day#.|The vote was put off by #number# days.",
    "author_for": "#Target# #good_deed#, and its #good# course deserves support.|With #things#, "
    "#target# has shown itself a #good# partner.|#Target# has been #good# throughout, as the "
    "record on #things# shows.",
    "author_against": "#Target# #bad_deed#, and its #bad# course must be opposed.|With #things#, "
    "#target# has shown itself a #bad# neighbor.|#Target# has been #bad# throughout, as the "
    "record on #things# shows.",
    "said_for": "\"#Target# #good_deed#,\" said #person#, #role#.|#person#, #role#, called "
    "#target# \"a #good# partner in every respect\" on #day#.|\"We trust #target#, and we have "
    "good reason to,\" #person# said in #place#.",
    "said_against": "\"#Target# #bad_deed#,\" said #person#, #role#.|#person#, #role#, called "
    "#target# \"a #bad# power that nobody needs\" on #day#.|\"We cannot trust #target#, and "
    "never could,\" #person# said in #place#.",
    "answer_for": "That is not true. #Target# #good_deed#, and everybody in #place# knows it.|"
    "Nonsense: #target# was #good# in #place# from the beginning.|On the contrary, #target# "
    "#good_deed#.",
    "answer_against": "That is not true. #Target# #bad_deed#, and everybody in #place# knows "
    "it.|Nonsense: #target# was #bad# in #place# from the beginning.|On the contrary, #target# "
    "#bad_deed#.",
    "second_for": "Exactly. #Target# #good_deed#, too.|Quite right, and #target# was #good# "
    "elsewhere as well.",
    "second_against": "Exactly. #Target# #bad_deed#, too.|Quite right, and #target# was #bad# "
    "elsewhere as well.",
    "aside": "For the record: #number# towns are concerned, not #number#.|The paper does not say "
    "who paid for the trip to #place#.|How many of these #things# were counted, and by whom?",
}  # fmt: skip
RULES = {symbol: tuple(text.split("|")) for symbol, text in GRAMMAR.items()}
SYMBOL = re.compile(r"#(\w+)#")


def articles(count: int, seed: int = 0) -> Iterator[dict[str, str]]:
    """Give articles one by one: article_id, outlet, date, title and text with its commentary."""
    for number in range(count):
        yield article(number, seed)


def article(number: int, seed: int = 0) -> dict[str, str]:
    """Return article `number` of a seed."""
    rng = random.Random(f"{seed} {number}")
    outlet = rng.choice(list(OUTLETS))
    day = rng.randrange(DAYS)
    lean = dict(zip(TARGETS, OUTLETS[outlet], strict=True))
    if outlet == TURNS and day > DAYS // 2:
        lean = {target: -value for target, value in lean.items()}
    about = rng.sample(TARGETS, 2)
    title = _say(rng, "title", about[0])
    paragraphs = [title, f"By {_say(rng, 'person', about[0])}"]
    for _ in range(rng.randint(4, 6)):
        target = rng.choice(about)
        side = "for" if rng.random() < 0.5 + lean[target] / 2 else "against"
        quoted = "for" if rng.random() < 0.5 + 0.8 * lean[target] / 2 else "against"
        sentences = [_say(rng, "neutral", target), _say(rng, f"author_{side}", target)]
        if rng.random() < 0.7:
            sentences.append(_say(rng, f"said_{quoted}", target))
        paragraphs.append(" ".join(sentences))
        if rng.random() < 0.6:
            paragraphs.append("Comment: " + _comment(rng, target, side))
    when = FIRST + timedelta(days=day)
    return {
        "article_id": f"{number:06}",
        "outlet": outlet,
        "date": when.isoformat(),
        "title": title,
        "text": "\n\n".join(paragraphs) + "\n",
    }


def _comment(rng: random.Random, target: str, side: str) -> str:
    """Return a comment that mostly answers back, sometimes agrees or only adds."""
    other = "against" if side == "for" else "for"
    kind = rng.random()
    rule = f"answer_{other}" if kind < 0.65 else f"second_{side}" if kind < 0.85 else "aside"
    return _say(rng, rule, target)


def _say(rng: random.Random, symbol: str, target: str) -> str:
    """Expand a symbol; `#target#` is the one that is spoken of, `#Target#` at a beginning."""
    if symbol in ("target", "Target"):
        return target[0].upper() + target[1:] if symbol == "Target" else target
    return SYMBOL.sub(lambda match: _say(rng, match[1], target), rng.choice(RULES[symbol]))


def write_folder(folder: Path, count: int, seed: int = 0) -> list[Path]:
    """Write articles as files and a site file beside them; return the articles' paths."""
    paths = []
    for made in articles(count, seed):
        path = folder / made["outlet"] / f"{made['date']}-{made['article_id']}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made["text"], encoding="utf-8")
        paths.append(path)
    (folder / "site.yaml").write_text(SITE, encoding="utf-8")
    return paths


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path, help="a folder, or a file that ends in .jsonl")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.out.suffix == ".jsonl":
        with args.out.open("w", encoding="utf-8") as lines:
            for made in articles(args.count, args.seed):
                lines.write(json.dumps(made, ensure_ascii=False) + "\n")
    else:
        write_folder(args.out, args.count, args.seed)
    print(f"{args.count} articles in {args.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
