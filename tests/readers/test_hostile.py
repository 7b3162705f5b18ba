"""Input that was made to do harm: each is refused in one line, soon and in little memory."""

import json
import os
from dataclasses import replace

import pytest

from analysis.errors import InputError
from analysis.readers import articles_in, read, read_all
from analysis.readers.anchors import Origin
from analysis.readers.archive import Archive, parse_xml
from analysis.readers.formats import read_data
from analysis.readers.limits import Limits

ORIGIN = Origin("a file", "a")
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
)


def refused(says, call, *given, **options):
    with pytest.raises(InputError, match=says) as caught:
        call(*given, **options)
    assert "\n" not in str(caught.value)


def test_zip_bomb(make):
    bomb = make.zipped({"word/document.xml": b"\0" * 30_000_000})
    refused("packed [0-9,]+ to 1; expected at most 200 to 1", Archive, bomb, ORIGIN)
    small = replace(ORIGIN, limits=Limits(unpacked_bytes=10_000_000))
    refused("bytes when unpacked", Archive, bomb, small)


def test_zip_that_lies_about_its_size(make):
    data = bytearray(make.zipped({"word/document.xml": b"<a>" + b"x" * 50_000}))
    true = (50_003).to_bytes(4, "little")
    while (at := data.find(true)) >= 0:
        data[at : at + 4] = (10).to_bytes(4, "little")
    assert bytes(data) != make.zipped({"word/document.xml": b"<a>" + b"x" * 50_000})
    refused("a damaged file", Archive(bytes(data), ORIGIN).read, "word/document.xml")


@pytest.mark.parametrize("name", ["../out.xml", "/etc/out.xml", "a/../../b", "..\\out", "C:/a"])
def test_packed_name_that_leads_out(make, name):
    refused("a packed name that leads out of it", Archive, make.zipped({name: "x"}), ORIGIN)


def test_packed_thousands(make):
    many = make.zipped({f"{n}": "" for n in range(2_001)})
    refused("found 2,001 packed files; expected at most 2,000", Archive, many, ORIGIN)


def test_packed_password(make):
    data = bytearray(make.zipped({"word/document.xml": "<a/>"}))
    central = data.rfind(b"PK\x01\x02")
    data[central + 8] |= 1
    refused("found a password", Archive, bytes(data), ORIGIN)


def test_office_file_with_a_password(origin):
    refused("one with a password", read_data, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99, origin)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_bomb(origin, make, encoding):
    refused("found a document type", parse_xml, LAUGHS.encode(encoding), "x")
    late = "<?xml version='1.0'?>" + " " * 5_000 + LAUGHS
    refused("found a document type", parse_xml, late.encode(), "x")
    bomb = make.zipped({"word/document.xml": LAUGHS})
    refused("found a document type", read_data, bomb, origin)


def test_entity_that_names_a_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    text = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><a>&x;</a>'
    refused("found a document type", parse_xml, text.encode(), "x")


def test_xml_that_is_deep():
    refused("XML that cannot be read", parse_xml, b"<a>" * 100_000, "x")


def test_entity_bomb_in_excel(origin, make):
    bomb = make.zipped({"xl/workbook.xml": LAUGHS, "[Content_Types].xml": LAUGHS})
    refused("found a document type", read_data, bomb, origin)


def test_gigabyte_of_a_file(tmp_path):
    for name in ("a.txt", "a.html", "a.pdf", "a.docx", "a.json", "a.csv"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(1_000_000_000)
        refused("found 1,000,000,000 bytes; expected at most", read, tmp_path / name)


def test_large_text(tmp_path):
    (tmp_path / "a.md").write_bytes(b"word " * 200_001)
    refused("found 1,000,005 bytes; expected at most 1,000,000", read, tmp_path / "a.md")
    assert read(tmp_path / "a.md", limits=Limits(text_bytes=2_000_000)).blocks


def test_million_annotations(origin):

    rows = b'{"items": [' + b"{}," * 999_999 + b"{}]}"
    origin = replace(origin, path="a.json")
    refused("found 1,000,000 annotations; expected at most 20,000", read_data, rows, origin)


def test_link_out_of_the_folder(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out.txt"
    inside.mkdir()
    outside.write_text("It rained.")
    (inside / "a.txt").symlink_to(outside)
    refused("a symbolic link out of its folder", read, inside / "a.txt")
    refused("a symbolic link out of the folder", articles_in, inside)
    assert read(inside / "a.txt", limits=Limits(links=True)).raw == "It rained."
    (inside / "b.txt").write_text("It snowed.")
    (inside / "a.txt").unlink()
    (inside / "a.txt").symlink_to(inside / "b.txt")
    assert read(inside / "a.txt").raw == "It snowed."


def test_link_to_itself(tmp_path):
    (tmp_path / "a.txt").symlink_to(tmp_path / "a.txt")
    refused("leads nowhere|cannot be read", read, tmp_path / "a.txt")


def test_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.json")
    refused("found a device or pipe", read, tmp_path / "a.json")


@pytest.mark.parametrize("source", ["../secret.txt", "/etc/hosts.txt", "file:///x/..%2Fsecret.txt"])
def test_annotations_name_no_file_elsewhere(tmp_path, source):
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("A secret.")
    rows = [{"text": "No.", "target": [{"source": source}]}]
    (folder / "a.json").write_text(json.dumps(rows))
    refused("annotations without their text", read, folder / "a.json")


def test_name_with_a_nul_or_too_long(tmp_path):
    refused("leads nowhere|cannot be read|no such", read, tmp_path / ("a" * 5_000 + ".txt"))
    refused("a name that no file can have", read, str(tmp_path / "a\0b.txt"))


def test_pdf_with_a_password(tmp_path, make):
    data = make.pdf([(["It rained."], [])])
    locked = data.replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -44 "
        b"/O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >>",
    )
    (tmp_path / "a.pdf").write_bytes(locked)
    refused("found a password; expected an open PDF", read, tmp_path / "a.pdf")


def test_content_decides_against_the_name(tmp_path, formats):
    (tmp_path / "a.txt").write_bytes((formats / "bridge.pdf").read_bytes())
    assert read(tmp_path / "a.txt").title == "Council approves the harbour bridge"
    (tmp_path / "b.txt").write_bytes((formats / "bridge.html").read_bytes())
    assert read(tmp_path / "b.txt").title == "Council approves the harbour bridge"
    (tmp_path / "a.pdf").write_text("It rained.")
    refused("found no PDF file in it", read, tmp_path / "a.pdf")


def test_characters_of_an_article_are_bounded(origin):

    rows = b'[{"text": "' + b"x" * 3_000_000 + b'"}]'
    (origin,) = [replace(origin, path="a.json")]
    page = b'{"counterpoint:article": {"text": "So."}, "items": ' + rows + b"}"
    refused("found 3,000,003 characters; expected at most 2,000,000", read_data, page, origin)


def test_unknown_compression(make):
    data = make.zipped({"word/document.xml": "<a/>"})
    odd = data.replace(b"\x08\x00\x00\x00\x21X", b"\x63\x00\x00\x00\x21X")
    assert odd != data
    refused("a damaged file", Archive(odd, ORIGIN).read, "word/document.xml")


def test_no_zip():
    refused("a damaged file", Archive, b"PK\x03\x04" + b"\0" * 100, ORIGIN)


def test_read_all_gives_every_article(formats):
    assert len(read_all(formats / "long.csv")) == 2
