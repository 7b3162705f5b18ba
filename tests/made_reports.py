"""Folders as finished reports leave them, with the figures that a test asks for."""

import json

from analysis.frames import RELATIONS, SEGMENTS, STANCES, conform
from analysis.types import Kind, Voice


def stance(voice, target, score, **more):
    favor, against = max(score, 0.0), max(-score, 0.0)
    label = "favor" if score > 0.3 else "against" if score < -0.3 else "none"
    return {
        "segment_id": "s0", "voice": voice, "speaker": "", "target": target, "label": label,
        "p_favor": favor, "p_against": against, "p_none": 1 - favor - against, "score": score,
        "commentary_id": "", "derived": False, "confidence": float("nan"), "abstained": False,
        "scorer": "x",
    } | more  # fmt: skip


def relation(passage, label, p, **more):
    return {
        "commentary_id": "b1", "commentator": "", "reply_to": "",
        "passage_start": 0, "passage_end": 9, "passage": passage,
        "commentary": f"on {passage}", "label": label, "p_agree": 0.0, "p_disagree": p,
        "p_neutral": 1 - p, "confidence": float("nan"), "abstained": False,
        "alignment": "position", "alignment_score": 0.0, "scorer": "x",
    } | more  # fmt: skip


def write(reports, name, *, stances=(), relations=(), title="A title", **state):
    folder = reports / name
    folder.mkdir(parents=True, exist_ok=True)
    same = {"article_id": "same-for-all"}
    words = {
        "segment_id": "s0", "block_id": "b0", "kind": Kind.TITLE.value, "voice": "author",
        "speaker": "", "cue": "", "start": 0, "end": 7, "text": title,
    }  # fmt: skip
    conform([same | words], SEGMENTS).to_parquet(folder / "segments.parquet")
    conform([same | r for r in relations], RELATIONS).to_parquet(folder / "relations.parquet")
    conform([same | s for s in stances], STANCES).to_parquet(folder / "stances.parquet")
    manifest = {"article": f"hash-{name}", "shown": f"{name}.txt", "scorer": "x 1"} | state
    (folder / "manifest.json").write_text(json.dumps(manifest))


def sides(target, author, commentator):
    return [stance(Voice.AUTHOR, target, author), stance(Voice.COMMENTATOR, target, commentator)]
