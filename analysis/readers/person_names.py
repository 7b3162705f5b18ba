"""Names of people as they stand in the marker of a comment."""

import re

_WORD = r"(?:[^\W\d_a-zß-öø-ÿ][\w.'’-]*|@\w[\w.]*)"
_PARTICLE = r"(?:de|del|della|da|di|du|van|von|der|den|la|le|bin|ibn|al|el|ten|ter|zu|and|&)"
NAME = rf"{_WORD}(?:[ \u00a0](?:{_WORD}|{_PARTICLE}(?=[ \u00a0]))){{0,4}}"
_INNER = re.compile(rf"{NAME}$")
_HANDLE = re.compile(r"@?(?=\w*[\d_.@])[a-z][\w.@]*$")

# Words that stand where a name might, and are none.
_NO_NAMES = frozenset(
    """a accurate act ad added advertisement agree agreed also an analysis and answer applause
    article audio background but caption cc chapter chart cheers claim
    clarification comment cont context continued copyright correct corrected correction credit
    crosstalk date december disagree disagreed distorted doubtful edited emphasis exaggerated
    example false february fig figure friday from gif graphic half headline here hint how i if
    image inaccurate inaudible incorrect it italics january july lacks laughing laughs
    laughter link links listen location map march misleading missing mixed monday more
    mostly music my nb no not note november now october ok okay our outdated page paragraph part
    partly passage pause photo photos picture place plausible ps q question quotation quote
    rating re read related right satire saturday scene section see september sic silence so
    source sources spoiler sponsored step subject summary sunday table tags text that the there
    these they this those thursday thus time tip title to today topics translated translation
    true tuesday unproven unsupported unverified update updated verdict video warning watch we
    wednesday week what when where who why wrong yes you your""".split()
)
_ROLES = frozenset(
    """annotator anonymous author authors columnist desk ed editor editorial editors eds expert
    journalist me moderator ours publisher reader readers reviewer staff team translator us
    writer""".split()
)


def person(text: str) -> str:
    """Return the name of a person, or of an outlet, in what stands where one may; else nothing."""
    for part in re.split(r"\s*[,;/|–—]\s*", text.strip()):
        part = re.sub(r"^(?:by|from)\s+", "", part, flags=re.IGNORECASE)
        found = _INNER.search(part)
        name = found[0] if found else part if _HANDLE.match(part) else ""
        if found and part[: found.start()] and not part[: found.start()].islower():
            continue
        words = [word.strip(".").casefold() for word in name.split()]
        if words and words[0] not in _NO_NAMES and (len(words) > 1 or words[0] not in _ROLES):
            return name.removeprefix("@")
    return ""
