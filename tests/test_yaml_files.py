import os

import pytest

from analysis.yaml_files import YamlError, parse_yaml, read_regular


def value(text, **named):
    return parse_yaml(text, **named)[0]


def test_values_are_plain_and_dates_stay_text():
    assert value("a: [1, true, 2024-02-30, 2024-01-01]") == {
        "a": [1, True, "2024-02-30", "2024-01-01"]
    }
    assert value("[1, true, null]", only_text=True) == ["1", "true", "null"]
    assert value("") is None


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: 1\nb: 0x_", 2, "'0x_', which is no number"),
        ("a: &x [1]\nb: *x", 2, "found an alias"),
        ("[" * 20_000, 1, "more than 20 lists"),
        ("a: !!python/object/apply:os.getcwd []", 1, "constructor"),
        ("a: [1", 1, "expected"),
        ("a: \x07", 1, "special characters"),
        ('a: 1\nb: ["x\\0y"]', 2, "found a NUL character"),
    ],
)
def test_unreadable_yaml_names_its_line(text, line, problem):
    with pytest.raises(YamlError, match=problem) as found:
        parse_yaml(text)
    assert found.value.line == line


def test_billion_laughs_are_refused():
    lines = ["a0: &a0 [ha, ha]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    with pytest.raises(YamlError, match="alias"):
        parse_yaml("\n".join(lines))


def test_only_small_regular_files_are_read(tmp_path):
    path = tmp_path / "file.yaml"
    path.write_text("å: 1", encoding="utf-8")
    assert read_regular(path) == "å: 1"
    with pytest.raises(OSError, match="found 5 bytes, expected at most 4"):
        read_regular(path, largest=4)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="found a pipe, expected a file"):
        read_regular(tmp_path / "pipe")
    with pytest.raises(OSError, match="found a folder"):
        read_regular(tmp_path)
