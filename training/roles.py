"""Made rows, fourth kind: two names in one sentence, and the sentence asked of each.

`stance/made_roles` fills sentence frames of this project's own with names drawn at random: who
wronged whom, who accuses or praises whom, who is said to be at fault instead of whom, who broke
a promise or began a quarrel, who is only named. Each sentence comes again with the names exchanged,
so that only the role can tell the label. The frames speak of shops, clubs, offices and local
quarrels; none is about war or treaties, which the seed article and the swap audit are about.
"""

from pathlib import Path

import numpy as np

from training.data import Row, read_source
from training.rewording import SEED_SUBJECT
from training.swaps import NAME

SOURCE = "stance/made_roles"

# Shares of favor, against, none of a role.
BLAMED = (0.02, 0.90, 0.08)
ACCUSED = (0.03, 0.80, 0.17)
WRONGED = (0.45, 0.05, 0.50)
CLEARED = (0.55, 0.07, 0.38)
PRAISED = (0.90, 0.02, 0.08)
SPEAKER = (0.12, 0.13, 0.75)
HELPED = (0.20, 0.05, 0.75)
NAMED = (0.03, 0.04, 0.93)

NAMES = (
    "Portugal|Kenya|Chile|Norway|Vietnam|Ghana|Peru|Denmark|Malaysia|Uruguay|Bolivia|Iceland/"
    "the Harbour Board|the Teachers' Union|the City Council|the Fisheries Office|Westfield Bank|"
    "the Tenants' League|Aldermoor Hospital|the School Board|the Growers' Association|"
    "the Transport Authority|the Planning Office|the Valley Cooperative/"
    "Norcross Mills|Tandem Airlines|Bellweather Foods|Orchard Media|Pinnacle Insurance|"
    "Lakeside Pharma|Crestline Motors|the Evening Star|the Morning Ledger|Bluewater Shipping/"
    "the Reform Party|the Farmers' Party|the Civic Union|the Labour Front|the Centre Alliance|"
    "the Green Party|the Conservative Party|the Progress Party|the Liberal League"
)

# What one did to another, active before an object and as a participle before "by".
WRONGS = (
    "cheated|deceived|betrayed|bullied|robbed|smeared|blackmailed|harassed|threatened|exploited|"
    "humiliated|intimidated|misled|slandered|swindled|ruined|mistreated|abandoned|ridiculed|"
    "silenced|overcharged|undermined|provoked|insulted|endangered|punished unfairly"
)
KINDNESSES = (
    "helped|rescued|supported|protected|defended|encouraged|saved|sheltered|backed|strengthened"
)
VICES = (
    "lying to the public|hiding the losses|breaking the agreed rules|wasting public money|"
    "stirring up hatred|covering up the scandal|ignoring every warning|bribing inspectors|"
    "spreading rumours|failing the poor|rigging the tender|shameless greed|cowardice|"
    "poisoning the river|neglecting patients|playing with people's safety"
)
VIRTUES = (
    "telling the truth|keeping calm|saving hundreds of jobs|repairing the damage|courage|"
    "opening the books|honest work|standing up for patients|finding a fair solution|"
    "generosity|years of careful work|putting safety first"
)
INSULTS = (
    "a disgrace|a fraud|a menace to the town|corrupt to the core|a pack of liars|incompetent|"
    "dishonest|a bully|reckless|unfit for the task|hypocritical|heartless"
)
PRAISES = (
    "a model for all|a true friend of the town|honest and able|a safe pair of hands|"
    "a great success|reliable|a blessing for the region|brave|fair-minded|first-rate"
)
BAD_ACTS = (
    "keeps making things up|hides behind lawyers|broke every promise|only looks after number one|"
    "has wrecked the whole project|took the money|refuses to admit any mistake|"
    "treats people like dirt|wants to shut down the debate|made a mess of everything"
)
GOOD_ACTS = (
    "has kept every promise|wants a fair settlement|tells people the truth|did the right thing|"
    "works hard for everyone|offered to talk|has done nothing but help|acted responsibly|"
    "only asks for what was agreed|put things right again"
)
NEUTRAL = (
    "The hearing lasted two hours.|Both sides met on Tuesday.|A report is due in spring.|"
    "The matter goes back to last year.|More than forty people attended.|"
    "The office gave no further details.|It is the third such case this year."
)

# Frames, the role of {a}, the role of {b}. `{did}` is one of WRONGS, `{aided}` of KINDNESSES.
FRAMES: tuple[tuple[str, tuple, tuple], ...] = (
    ("{a} {did} {b}.", BLAMED, WRONGED),
    ("For years {a} {did} {b} and nobody stepped in.", BLAMED, WRONGED),
    ("Once again {a} {did} {b}, as anyone could see.", BLAMED, WRONGED),
    ("{b} was {did} by {a}.", BLAMED, WRONGED),
    ("{b} was {did} by {a} over and over again.", BLAMED, WRONGED),
    ("{b}, {did} by {a}, had no choice but to go to court.", BLAMED, WRONGED),
    ("After years of being {did} by {a}, {b} asked for a new contract.", BLAMED, WRONGED),
    ("It was {a} that {did} {b}, not the other way round.", BLAMED, CLEARED),
    ("It was not {b} that {did} {a}: {a} {did} {b}.", BLAMED, CLEARED),
    ("What the paper leaves out is how {a} {did} {b}.", BLAMED, WRONGED),
    ("No wonder that {b} is angry: {a} {did} {b} for years.", BLAMED, WRONGED),
    ("{b} would never have closed the plant if {a} had kept the agreement.", BLAMED, CLEARED),
    ("The only reason for the dispute is that {a} {did} {b}.", BLAMED, WRONGED),
    ("{a} is trying to make it look as if {b} were at fault.", BLAMED, CLEARED),
    ("{a} wants to pin the failure on {b}.", BLAMED, CLEARED),
    ("{b} did nothing wrong; {a} did.", BLAMED, CLEARED),
    ("Blame {a} for this, not {b}.", BLAMED, CLEARED),
    ("Nobody can blame {b} for the mess that {a} left behind.", BLAMED, CLEARED),
    ("It is not {b} but {a} who should apologise for {vice}.", BLAMED, CLEARED),
    ("{b} is wrongly accused of {vice}; the one responsible is {a}.", BLAMED, CLEARED),
    ("{a} falsely claims that {b} {did} the customers.", BLAMED, CLEARED),
    ("The story that {b} {did} {a} was invented by {a}.", BLAMED, CLEARED),
    ("{b} warned of {vice} long ago, but {a} went on with it.", BLAMED, CLEARED),
    ("Because of {vice} by {a}, {b} has lost everything.", BLAMED, WRONGED),
    ("{b} accused {a} of {vice}.", ACCUSED, SPEAKER),
    ("{b} blamed {a} for {vice}.", ACCUSED, SPEAKER),
    ("{a} came under fire from {b} over {vice}.", ACCUSED, SPEAKER),
    ("{b} called {a} {insult}.", ACCUSED, SPEAKER),
    ('"{a} is {insult}," said a spokesman for {b}.', ACCUSED, SPEAKER),
    ("In a letter, {b} said that {a} {did} the members.", ACCUSED, SPEAKER),
    ("{a}, which {b} described as {insult}, declined to answer.", ACCUSED, SPEAKER),
    ("According to {b}, {a} {bad}.", ACCUSED, SPEAKER),
    ("{b} has good reason to say that {a} {bad}.", BLAMED, CLEARED),
    ("{b} praised {a} for {virtue}.", PRAISED, SPEAKER),
    ("{a} won applause from {b} for {virtue}.", PRAISED, SPEAKER),
    ("{b} called {a} {praise}.", PRAISED, SPEAKER),
    ('"{a} is {praise}," said a spokesman for {b}.', PRAISED, SPEAKER),
    ("{a} {aided} {b} when nobody else would.", PRAISED, HELPED),
    ("{b} was {aided} by {a}.", PRAISED, HELPED),
    ("Without the help of {a}, {b} would be gone.", PRAISED, HELPED),
    ("{b} {good}, while {a} {bad}.", BLAMED, PRAISED),
    ("{a} {bad}, while {b} {good}.", BLAMED, PRAISED),
    ("Unlike {a}, {b} {good}.", BLAMED, PRAISED),
    ("Unlike {b}, {a} {bad}.", BLAMED, CLEARED),
    ("{b} {good}, and that is exactly what {a} cannot stand.", BLAMED, PRAISED),
    ("{b} is {praise}; {a} is {insult}.", BLAMED, PRAISED),
    ("Compared with {a}, {b} is {praise}.", ACCUSED, PRAISED),
    ("Compared with {b}, {a} is {insult}.", BLAMED, CLEARED),
    ("If {a} had listened to {b}, none of this would have happened.", ACCUSED, CLEARED),
    ("{b} {good}, so {a} has no right to complain.", ACCUSED, PRAISED),
    ("That is why {b} had to go to court against {a}.", BLAMED, CLEARED),
    ("Even the files of {a} show that {b} was promised the contract.", ACCUSED, CLEARED),
    ("{b} lost the case only because {a} {bad}.", BLAMED, CLEARED),
    ("The judges found that {a} {did} {b} and ordered damages.", BLAMED, WRONGED),
    ("{a} {bad}, and {b} has to pay for it.", BLAMED, WRONGED),
    ("Everybody knows that {b} {good} and that {a} {bad}.", BLAMED, PRAISED),
    # promises, kept and broken
    ("{b} was promised that {a} would not raise the fees.", ACCUSED, CLEARED),
    (
        "Old letters show that {b} was told {a} would never sell the land.",
        ACCUSED,
        CLEARED,
    ),
    ("{a} gave {b} its word to build no further, and went on building.", BLAMED, WRONGED),
    ("{a} has gone back on what was agreed with {b}.", BLAMED, WRONGED),
    ("What {b} fears is that {a} will break its word again.", ACCUSED, CLEARED),
    ("{a} promised {b} to keep the branch open, and it is open still.", PRAISED, HELPED),
    ("{a} kept every promise it had made to {b}.", PRAISED, HELPED),
    # who began it, and whether there was cause
    ("{b} only reacted to what {a} had started.", BLAMED, CLEARED),
    ("{b} says that it only reacted to {a}, but it was {b} that started it.", CLEARED, BLAMED),
    ("{a} is trying to goad {b} into a strike.", BLAMED, CLEARED),
    ("{a} is looking for a pretext to act against {b}.", BLAMED, CLEARED),
    ("{a} keeps pushing {b} into a corner and then complains when {b} objects.", BLAMED, CLEARED),
    ("{b} has every reason to feel threatened by {a}.", BLAMED, CLEARED),
    ("{b} has no reason at all to feel threatened by {a}.", CLEARED, ACCUSED),
    ("{b} will not walk out unless {a} leaves it no choice.", ACCUSED, CLEARED),
    ("{b} has no wish to go to court; {a} does.", ACCUSED, CLEARED),
    ("{a} knows very well that {b} never did such a thing.", BLAMED, CLEARED),
    ("{a} knows very well what it did to {b}.", BLAMED, WRONGED),
    ("{b} wants nothing but an agreement that keeps the peace with {a}.", SPEAKER, CLEARED),
    ("{b} is asking {a} to sign so that it does not come to a quarrel.", SPEAKER, CLEARED),
    ("{a} refuses even to talk to {b}.", BLAMED, CLEARED),
    ("{a} refuses to talk to {b}, and who could blame it after {vice}?", CLEARED, BLAMED),
    ("{b} stands up to {a}, as it has every right to.", BLAMED, CLEARED),
    ("{b} threatens {a} as if it had any right to.", CLEARED, BLAMED),
    # only named
    ("{a} and {b} will meet again on Wednesday.", NAMED, NAMED),
    ("{a} and {b} share a building in the old town.", NAMED, NAMED),
    ("The agreement between {a} and {b} was signed twenty years ago.", NAMED, NAMED),
    ("{b} turned down what {a} had asked for.", NAMED, NAMED),
    ("{a} laid down its demands, and {b} will answer next week.", NAMED, NAMED),
)
CHAINS = (", and that is why ", "; this is why ", ", so ", "; after all, ", ", because ")

WORDS = {
    "{did}": WRONGS,
    "{aided}": KINDNESSES,
    "{vice}": VICES,
    "{virtue}": VIRTUES,
    "{insult}": INSULTS,
    "{praise}": PRAISES,
    "{bad}": BAD_ACTS,
    "{good}": GOOD_ACTS,
}


def roles(corpora: Path, count: int, rng: np.random.Generator) -> list[Row]:
    """Return up to `count` rows, four a sentence: two names, each in both roles."""
    people = sorted(
        {row.first for row in read_source(corpora, "stance/newsmtsc") if _is_person(row.first)}
    )
    pools = [group.split("|") for group in NAMES.split("/")] + [people] * 2
    pools = [pool for pool in pools if len(pool) > 1]
    out: list[Row] = []
    while len(out) < count:
        pool = pools[int(rng.integers(len(pools)))]
        names = [pool[i] for i in rng.choice(len(pool), 2, replace=False)]
        frame, first, second = FRAMES[int(rng.integers(len(FRAMES)))]
        if first == BLAMED and second == CLEARED and rng.random() < 0.4:
            frame = _chained(frame, rng)
        said = _filled(frame, rng)
        if pool is people:
            said = _of_people(said)
        for a, b in (names, names[::-1]):
            text = said.replace("{a}", a).replace("{b}", b)
            text = text[0].upper() + text[1:]
            out += [Row("stance", name.removeprefix("the "), text, shares, SOURCE)
                    for name, shares in ((a, first), (b, second))]  # fmt: skip
    return [row for row in out[:count] if not SEED_SUBJECT.search(row.second)]


def _is_person(name: str) -> bool:
    return bool(NAME.fullmatch(name)) and name.count(" ") == 1 and not SEED_SUBJECT.search(name)


def _chained(frame: str, rng: np.random.Generator) -> str:
    """Return a sentence of two frames that blame and clear the same."""
    alike = [other for other, *roles in FRAMES if roles == [BLAMED, CLEARED] and other != frame]
    other = alike[int(rng.integers(len(alike)))]
    chain = CHAINS[int(rng.integers(len(CHAINS)))]
    return frame.rstrip(".") + chain + other[0].lower() + other[1:]


def _filled(frame: str, rng: np.random.Generator) -> str:
    """Return a frame with its words drawn, in a third of all cases beside a plain sentence."""
    for mark, words in WORDS.items():
        while mark in frame:
            options = words.split("|")
            frame = frame.replace(mark, options[int(rng.integers(len(options)))], 1)
    if rng.random() < 0.33:
        options = NEUTRAL.split("|")
        plain = options[int(rng.integers(len(options)))]
        frame = f"{plain} {frame}" if rng.random() < 0.5 else f"{frame} {plain}"
    return frame


def _of_people(text: str) -> str:
    """Return a sentence about bodies fit for people: "who", and no spokesman."""
    return text.replace("a spokesman for ", "").replace("which", "who")
