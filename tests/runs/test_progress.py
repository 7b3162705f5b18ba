import io

import pytest

from analysis.runs.progress import Progress, duration


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_log_gets_a_line_an_article():
    log = io.StringIO()
    with Progress(2, stream=log) as progress:
        progress.phase("scoring", 1, 2)
        progress.finished("a\nb.txt", "made", 2.04, 0)
        progress.say("b.txt: broken")
        progress.finished("b.txt", "failed", 0.5, 1)
    lines = log.getvalue().splitlines()
    assert lines[0] == "scoring: 1 of 2"
    assert lines[1].startswith("[1/2] made a b.txt (2.0 s; ")
    assert lines[2] == "counterpoint: b.txt: broken"
    assert lines[3] == "[2/2] failed b.txt (0.5 s; 0 s left)"
    assert "\r" not in log.getvalue()


def test_reports_up_to_date_do_not_enter_the_estimate(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("analysis.runs.progress.time.monotonic", lambda: now[0])
    log = io.StringIO()
    with Progress(4, stream=log) as progress:
        progress.finished("a.txt", "up to date", 0.0, 0)
        progress.finished("b.txt", "up to date", 0.0, 0)
        now[0] = 60.0
        progress.finished("c.txt", "made", 60.0, 0)
    lines = log.getvalue().splitlines()
    assert lines[0] == "[1/4] up to date a.txt"
    assert lines[2] == "[3/4] made c.txt (60.0 s; 60 s left)"


def test_a_terminal_gets_a_bar_with_counts_and_time_left(monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")  # meant for kernels, not for this bar
    screen = Terminal()
    with Progress(4, stream=screen) as progress:
        progress.phase("scoring", 3, 4)
        progress.finished("a.txt", "made", 1.0, 0)
        progress.finished("b.txt", "failed", 1.0, 1)
        progress.say("b.txt: broken")
        progress.finished("c.txt", "made", 1.0, 1)
        progress.finished("d.txt", "made", 1.0, 1)
    shown = screen.getvalue()
    assert "scoring 3/4" in shown
    assert "4/4" in shown
    assert "1 failed" in shown
    assert "counterpoint: b.txt: broken\n" in shown
    assert "a.txt" not in shown


def test_nothing_is_shown_where_it_is_not_asked_for():
    log = io.StringIO()
    with Progress(1, shown=False, stream=log) as progress:
        progress.phase("scoring", 1, 1)
        progress.finished("a.txt", "made", 1.0, 0)
    assert log.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (11_100, "3 h 05 min")],
)
def test_durations_are_said_as_people_say_them(seconds, said):
    assert duration(seconds) == said
