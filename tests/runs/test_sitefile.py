import pytest

from analysis.errors import ParameterError
from analysis.runs.sitefile import read_site, site_requests, web_address

SITE = """# ours
articles:
  - "in/{outlet}/{date}-*.txt"
  - other/*.txt
exclude: in/*/2021-02-02-draft.txt
parameters:
  targets: [NATO]
  scorer: lexicon
secrets: NEWS_KEY
jobs: 2
"""


@pytest.fixture
def folder(tmp_path):
    for name in (
        "in/gazette/2021-02-01-a.txt",
        "in/gazette/2021-02-02-draft.txt",
        "in/courier/2021-02-01-a.txt",
        "in/courier/notes.txt",
        "other/b.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("It rained.")
    return tmp_path


def site_of(folder, text):
    path = folder / "site.yaml"
    path.write_text(text)
    return read_site(path)


def test_patterns_find_articles_and_read_their_groups_off_the_path(folder):
    requests = site_requests(site_of(folder, SITE), folder)
    found = {
        request.params.article.removeprefix(f"{folder}/"): dict(request.about)
        for request in requests
    }
    assert found == {
        "in/courier/2021-02-01-a.txt": {"outlet": "courier", "date": "2021-02-01"},
        "in/gazette/2021-02-01-a.txt": {"outlet": "gazette", "date": "2021-02-01"},
        "other/b.txt": {},
    }
    assert all(request.params.targets == ("NATO",) for request in requests)
    assert site_of(folder, SITE).secrets == ("NEWS_KEY",)


def test_names_keep_articles_of_one_name_apart(folder):
    text = SITE.replace("  - other/*.txt\n", "") + 'names: "{outlet}-{stem}"\n'
    names = {request.name for request in site_requests(site_of(folder, text), folder)}
    assert names == {"courier-2021-02-01-a", "gazette-2021-02-01-a"}
    with pytest.raises(ParameterError, match=r"names: found \{outlet\}.*other/b.txt"):
        site_requests(site_of(folder, SITE + 'names: "{outlet}-{stem}"\n'), folder)


def test_each_set_of_parameters_makes_a_report_of_each_article(folder):
    text = (
        "articles: other\nparameters: {scorer: lexicon}\n"
        "sets:\n  nato: {targets: NATO}\n  two: {seed: 2}\n"
    )
    requests = site_requests(site_of(folder, text), folder, {"seed": 7})
    assert [
        (request.name, request.params.targets, request.params.seed) for request in requests
    ] == [
        ("b-nato", ("NATO",), 7),
        ("b-two", (), 7),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("articles: [a]\n\nparameter: {}\n", "line 3: found 'parameter'; expected one of articles"),
        ("articles: [a]\njobs: many\n", "line 2: jobs: found 'many'"),
        ("articles: [a]\nsets:\n  one: {}\n  two: 3\n", "line 4: sets: found 3"),
        ("out: x\n", "line 1: found no 'articles'; expected files"),
        ("articles: []\n", "line 1: articles: found []"),
        ("- a\n", "line 1: found list"),
        ("articles: [a\nout: b\n", "line 2: found no YAML"),
        ("articles: [a]\ntimeout: -1\n", "line 2: timeout: found -1"),
        ("articles: [a]\ntimeout: .inf\n", "line 2: timeout: found inf"),
        ("articles: [a]\nbase_url: ftp://x.org\n", "line 2: base_url: found 'ftp://x.org'"),
    ],
)
def test_errors_name_their_line(folder, text, told):
    with pytest.raises(ParameterError) as raised:
        site_of(folder, text)
    assert f"site.yaml: {told}" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("articles: none/*.txt\n", "found no file that fits none"),
        ("articles: other\nparameters: {sead: 1}\n", "unknown parameter 'sead'"),
        ("articles: other\nnotebook: none.ipynb\n", "none.ipynb: no such file"),
    ],
)
def test_files_and_parameters_that_a_site_names_must_exist(folder, text, told):
    with pytest.raises(ParameterError, match=told):
        site_requests(site_of(folder, text), folder)


def test_a_missing_site_file_is_told(tmp_path):
    with pytest.raises(ParameterError, match=r"none\.yaml: cannot be read"):
        read_site(tmp_path / "none.yaml")


def test_reports_within_the_folder_of_articles_are_no_articles(folder):
    for name in ("other/reports/b.html", "other/reports/b/relations.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a report")
    site = site_of(folder, "articles: [other, 'other/*/*']\nout: other/reports\n")
    assert [request.name for request in site_requests(site, folder)] == ["b"]


def test_each_article_of_a_table_has_a_report(folder):
    (folder / "rows.csv").write_text(
        "article,text,comment\nx,It rained.,It did not.\ny,It snowed.,Indeed.\n"
    )
    requests = site_requests(site_of(folder, "articles: rows.csv\nsets: {q: {seed: 1}}\n"), folder)
    assert [request.params.article_id for request in requests] == ["rows-x", "rows-y"]
    assert [request.name for request in requests] == ["rows-x-q", "rows-y-q"]
    assert requests[0].label == f"{folder / 'rows.csv'}: rows-x"


def test_the_address_of_the_reports_is_of_the_web(folder):
    site = site_of(folder, SITE + "base_url: https://example.org/reports\n")
    assert {r.base_url for r in site_requests(site, folder)} == {"https://example.org/reports/"}
    assert web_address("http://[::1]:8080") == "http://[::1]:8080/"
    assert web_address("https://example.org/a/") == "https://example.org/a/"


@pytest.mark.parametrize(
    "text",
    ["example.org", "javascript:alert(1)", "file:///etc", "https://", "https://a b.org", "//x.org",
     "https://me:secret@x.org/", "https://x.org/?q=1", "https://x.org/#a", 'https://x.org/"><b>',
     "https://x.org:99999/", "https://[x/", "https://x.org/\\n"],
)  # fmt: skip
def test_a_base_url_that_is_no_folder_is_refused(text):
    with pytest.raises(ValueError, match=r"[a-z]+"):
        web_address(text.replace("\\n", "\n"))
