import json
from dataclasses import replace

import analysis as cp
from analysis.report.jsonld import ANNOTATIONS, annotation_page


def test_each_comment_annotates_its_passage_and_its_reading_is_apart(seed_result):
    page = annotation_page(seed_result)
    assert page["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert page["type"] == "AnnotationPage"
    assert page["partOf"]["total"] == len(page["items"]) == 2 * len(seed_result.relations)
    raw = seed_result.article.raw
    comments, readings = page["items"][::2], page["items"][1::2]
    rows = seed_result.relations.itertuples()
    for comment, reading, row in zip(comments, readings, rows, strict=True):
        quote, position = comment["target"]["selector"]
        assert raw[position["start"] : position["end"]] == quote["exact"] == row.passage
        assert raw[: position["start"]].endswith(quote["prefix"])
        assert raw[position["end"] :].startswith(quote["suffix"])
        assert comment["body"]["value"] == row.commentary
        assert comment["motivation"] == "commenting"
        assert reading["target"] == comment["id"]
        assert reading["motivation"] == "classifying"
        assert reading["creator"]["type"] == "Software"
        assert reading["body"]["value"] == row.label


def test_a_score_is_not_called_a_confidence(seed_result):
    reading = annotation_page(seed_result)["items"][1]
    assert "confidence" not in reading
    assert 0 < reading["score"] <= 1
    sure = seed_result.relations.assign(confidence=0.9)
    reading = annotation_page(replace(seed_result, relations=sure))["items"][1]
    assert "score" not in reading
    assert reading["confidence"] > 0


def test_an_abstained_relation_is_not_named(own):
    page = annotation_page(cp.score(own("only_commentary"), scorer="lexicon"))
    readings = page["items"][1::2]
    assert readings
    assert {r["body"]["value"] for r in readings} == {"no relation named"}
    assert all(r["abstained"] for r in readings)
    assert all(isinstance(c["target"], str) for c in page["items"][::2])


def test_ids_are_unique_and_the_file_is_plain_json(seed_result, tmp_path):
    cp.Report(seed_result).save(tmp_path)
    text = (tmp_path / ANNOTATIONS).read_text(encoding="utf-8")
    page = json.loads(text)
    ids = [item["id"] for item in page["items"]]
    assert len(ids) == len(set(ids))
    assert all(i.startswith(f"urn:sha256:{seed_result.article.sha256}#") for i in ids)
    assert text.isascii()
