"""Which installed fonts a drawing needs for the letters of a text."""

from functools import lru_cache

from matplotlib import font_manager

FONT = "DejaVu Sans"  # matplotlib brings it: Latin, Cyrillic, Greek, Hebrew, Arabic and more
PICTURES = ("Color", "Emoji")  # fonts of these names hold pictures, which are not drawn


def families(text: str) -> list[str]:
    """Return the families that hold a text's letters, ours first.

    A letter that none holds is drawn as the box that stands for its script.
    """
    missing = frozenset(map(ord, text)) - _letters(font_manager.findfont(FONT))
    return [FONT, *_holding(frozenset(c for c in missing if chr(c).isprintable()))]


@lru_cache(maxsize=256)
def _holding(missing: frozenset[int]) -> tuple[str, ...]:
    found = []
    fonts = sorted(font_manager.fontManager.ttflist, key=lambda font: (font.name, font.fname))
    for font in fonts:
        if not missing:
            break
        plain = font.style == "normal" and font.weight == 400
        if not plain or font.name in found or any(word in font.name for word in PICTURES):
            continue
        if held := missing & _letters(font.fname):
            found.append(font.name)
            missing -= held
    return tuple(found)


@lru_cache(maxsize=256)
def _letters(path: str) -> frozenset[int]:
    try:
        return frozenset(font_manager.get_font(path).get_charmap())
    except (OSError, RuntimeError):  # a font that cannot be read holds none
        return frozenset()
