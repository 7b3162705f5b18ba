import json
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.readers import read
from analysis.readers.plain_text import parse_plain_text
from analysis.report.check import check, preview
from analysis.types import Kind

KEYS = ["kind", "start", "end", "text", "commentator", "answers"]
CLEAN = """Rents rise in Harwick again

The city caps rents from March. "It is a start," said Ida Holm.

Comment (Anna): It comes ten years late, as the council knows.

Reply to Anna (Ben): The council only learned of it last year.

Landlords in the town are against the plan and have gone to court.
"""


REBUTTALS = "Rain\n\n" + "\n\n".join(
    f"It {did}.\n\nRebuttal: No." for did in ("rose", "fell", "hit")
)
GERMAN = """Der Bürgermeister und der Rat

Der Bürgermeister hat gestern gesagt, dass die Brücke über den Fluss erst im Sommer gebaut wird.

Comment: Das ist nicht wahr, denn der Rat hat es anders beschlossen.
"""
FORMATS = Path(__file__).parents[1] / "seeds" / "formats"


def run(capsys, *argv):
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in argv])
    captured = capsys.readouterr()
    return stop.value.code or 0, captured.out, captured.err


def plainly(text, color):
    return text


def test_check_counts_blocks_and_comments():
    checked = check(parse_plain_text(CLEAN, article_id="x"))
    found = checked.as_object()
    assert list(found) == ["article", "title", "blocks", "left_out", "suspicions"]
    assert found["title"] == "Rents rise in Harwick again"
    assert found["suspicions"] == []
    raw = checked.article.raw
    for block in found["blocks"]:
        assert list(block) == KEYS
        assert raw[block["start"] : block["end"]] == block["text"]
    kinds = [block["kind"] for block in found["blocks"]]
    assert kinds == ["title", "paragraph", "quotation", "commentary", "commentary", "paragraph"]
    comment, reply = found["blocks"][3:5]
    assert (comment["commentator"], reply["commentator"]) == ("Anna", "Ben")
    assert raw[slice(*comment["answers"])].startswith("The city caps rents")
    assert raw[slice(*reply["answers"])].startswith("It comes ten years late")


def test_the_preview_names_speakers_and_what_is_answered():
    lines = list(preview(check(parse_plain_text(CLEAN, article_id="x")), plainly))
    assert lines[0] == "x: 2 comments, 2 paragraphs, 1 quotation; en"
    assert any("Ida Holm" in line for line in lines)
    assert any("Anna, on “The city caps rents" in line for line in lines)
    assert any("Ben, replying to “It comes ten years" in line for line in lines)
    assert lines[-1].strip() == "nothing looks wrong"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("It rained all day in Harwick on Monday.\n\nComment: No.", "no title"),
        ("Comment: It is a good day.\n\nComment: It is not.", "no paragraph"),
        ("Rain in Riga\n\nIt rained all day.", "no comment"),
        (REBUTTALS, "looks like commentary: `Rebuttal:` ×3"),
        (GERMAN, "the language is de"),
    ],
)
def test_suspicious_readings_are_named(text, says):
    suspicions = check(parse_plain_text(text, article_id="x")).suspicions
    assert any(line.startswith(says) for line in suspicions)


def test_comments_without_a_place_and_what_was_not_read_look_wrong():
    from dataclasses import replace

    article = parse_plain_text(CLEAN, article_id="x")
    blocks = [
        replace(b, unplaced=b.kind is Kind.COMMENTARY and not b.reply_to) for b in article.blocks
    ]
    article = replace(article, blocks=tuple(blocks), left_out=(("range selectors", 2),))
    assert check(article).suspicions == (
        "1 comment without a place in the text", "not read: range selectors (2)",
    )  # fmt: skip


def test_exit_codes(capsys, tmp_path):
    (tmp_path / "good.txt").write_text(CLEAN)
    (tmp_path / "odd.txt").write_text("It rained all day in Harwick on Monday.")
    (tmp_path / "bad.pdf").write_text("no PDF")
    code, out, err = run(capsys, "check", tmp_path / "good.txt")
    assert (code, err) == (0, "")
    assert "nothing looks wrong" in out
    code, out, _ = run(capsys, "check", tmp_path / "good.txt", tmp_path / "odd.txt", "--json")
    assert code == 1
    assert [len(each["suspicions"]) for each in json.loads(out)] == [0, 2]
    code, out, err = run(capsys, "check", tmp_path)
    assert code == 2
    assert "nothing looks wrong" in out, "the others are done"
    assert "bad.pdf" in err


def test_parameters_hold(capsys, tmp_path):
    text = CLEAN.replace("Comment (Anna):", "Rebuttal (Anna):").replace("Reply to Anna (Ben):", "")
    (tmp_path / "a.txt").write_text(text)
    assert run(capsys, "check", tmp_path / "a.txt")[0] == 1
    code, out, _ = run(capsys, "check", tmp_path / "a.txt", "-p", "markers", "Rebuttal:")
    assert code == 0
    assert "Anna, on" in out
    off = run(capsys, "check", tmp_path / "a.txt", "-p", "builtin_markers", "false")
    assert "no comment was found" in off[1]


def test_a_terminal_obeys_nothing_in_a_text():
    article = parse_plain_text(
        "Rain\n\nIt \x1b[31mrained.\n\nComment: \x1b]0;x\x07No.", article_id="x"
    )
    assert not any("\x1b" in line or "\x07" in line for line in preview(check(article), plainly))


def test_every_format_can_be_checked():
    for path in sorted(FORMATS.iterdir()):
        if path.suffix in (".docx", ".html", ".md", ".pdf", ".txt"):
            assert check(read(path)).parts


def test_the_preview_leaves_out_a_markers_brackets():
    article = parse_plain_text("Tram\n\nIt comes.\n\n[Comment (Anna): It [may].]", article_id="a")
    assert any(line.endswith(": It [may].") for line in preview(check(article), lambda t, _: t))
