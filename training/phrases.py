"""Turns of phrase with which commentary answers a passage; general, of no one subject.

`{s}` names what is answered, `{q}` is quoted from it, `{c}` is a clause that follows.
Written for this project; none is taken from an evaluation row or from a seed.
"""


def _list(text: str) -> tuple[str, ...]:
    """Return the phrases of a text, which stand between upright strokes."""
    return tuple(text.split("|"))


SUBJECTS = _list(
    "This|That|It|This statement|The statement|The claim|This claim|This sentence|This part|"
    "The description|This paragraph|This passage|The figure|The number given here|The point|"
    "The summary|The reporting here|What the author writes|What is said here|The quote|"
    "The article's wording|The argument|This assertion|The comparison|The conclusion|"
    "The explanation|This account|The headline claim|The remark|The reasoning|His claim|"
    "Her statement|Their conclusion|The premise|The first part of the sentence"
)

GRADES = _list(
    "||||simply|clearly|quite|largely|entirely|very|plainly|broadly|essentially|rather|"
    "generally|completely|mostly|certainly|absolutely|demonstrably"
)

GOOD = _list(
    "accurate|correct|true|right|well supported|sound|valid|fair|reasonable|precise|"
    "well founded|well established|consistent with the evidence|in line with the data|"
    "backed by research|supported by the literature|a fair summary|a good description|"
    "an accurate summary|an important point|well explained|not wrong|justified|a fact|"
    "confirmed by the records|undisputed|exactly what the study found|a useful reminder|"
    "convincing|factual|credible|not an exaggeration|in agreement with what we know|well put|"
    "a reasonable reading of the data|worth stressing|well documented|a balanced account|"
    "important context|consistent with this"
)

BAD = _list(
    "false|wrong|incorrect|inaccurate|misleading|an exaggeration|overstated|unfounded|"
    "unsupported|unsubstantiated|baseless|not true|not correct|not accurate|"
    "not supported by the evidence|imprecise|oversimplified|one-sided|taken out of context|"
    "cherry-picking|nonsense|a distortion|a misrepresentation|a half-truth|"
    "too vague to be tested|speculation|outdated|beside the point|unclear|confused|"
    "contradicted by the data|a myth|a straw man|not what the study says|a lie|"
    "at odds with the records|an oversimplification|not credible|unproven|a stretch|flawed|"
    "not the whole story|untenable|a logical fallacy|deceptive|hard to justify|"
    "an unfair comparison|poorly worded|too strong|not backed by any source|propaganda|spin|"
    "a double standard|absurd"
)

AGREE = _list(
    "Correct.|True.|Right.|Agreed.|Yes.|Exactly.|Indeed.|Quite so.|Well said.|Precisely.|"
    "Spot on.|Correct, and {c}|True, and {c}|Yes: {c}|Indeed, {c}|Exactly: {c}|Right, {c}|"
    "Yes, and {c}|The author rightly notes this.|The article correctly points this out.|"
    "Rightly so: {c}|The report describes this accurately.|This is reported fairly.|"
    "I agree with this.|I fully agree: {c}|It is good that the article mentions this.|"
    "Good that this is included.|This is worth emphasising, because {c}|"
    "This matters because {c}|Important, since {c}|This has been confirmed by several studies.|"
    "There is solid evidence for this.|Independent sources confirm this.|"
    "The records bear this out.|Nobody disputes this.|There is nothing wrong with this.|"
    "The data support this: {c}|Research supports this: {c}|"
    "This agrees with what others have found: {c}|Recent work comes to the same result: {c}|"
    "As the article says, {c}|The quote sums it up well.|That is what the evidence shows.|"
    "A small caveat aside, this holds up.|{s} holds up well.|{s} checks out.|{s} stands.|"
    "{s} has since been confirmed.|{s} is borne out by the figures.|"
    "{s} reflects the consensus.|{s} captures the issue well.|"
    "{s} matches the official numbers.|{s} deserves more attention.|"
    "{s} agrees with the sources.|{s} gives readers the right picture.|It is true that {c}|"
    "This helps readers to understand the issue.|A clear and correct explanation.|"
    "Well researched.|Thank you for saying this.|Absolutely.|Of course.|No doubt about it.|"
    "Sadly true.|More evidence for this: {c}|In the same way, {c}|Likewise, {c}|"
    "That explains why {c}|This is also why {c}|The same has been seen elsewhere: {c}|"
    "A striking example of this: {c}"
)

DISAGREE = _list(
    "No.|Wrong.|False.|Not so.|Not quite.|Hardly.|Nonsense.|Not true.|Not really.|Rubbish.|"
    "Not so: {c}|No: {c}|No, {c}|Wrong: {c}|Actually, {c}|In fact, {c}|In reality, {c}|But {c}|"
    "On the contrary, {c}|Quite the opposite: {c}|Except that {c}|Except {c}|Yet {c}|"
    "However, {c}|And yet {c}|Never mind that {c}|What is left out: {c}|"
    "The article omits that {c}|The author ignores that {c}|This ignores the fact that {c}|"
    "This overlooks that {c}|Contrary to what is said here, {c}|There is no evidence for this.|"
    "No source is given for this.|Nothing in the data supports this.|"
    "It is unclear where this number comes from.|It would be more accurate to say that {c}|"
    "Better wording: {c}|What it should say is that {c}|{s} needs qualification.|"
    "{s} lacks context.|{s} leaves out half of the story.|"
    "{s} contradicts the official records.|{s} confuses two different things.|"
    "{s} does not follow.|{s} cannot be right, because {c}|{s} has been refuted many times.|"
    "{s} misses the point.|{s} has nothing to do with the matter.|"
    "{s} fails to mention that {c}|{s} gives a wrong idea.|{s} rests on a misunderstanding.|"
    "{s} ignores decades of research.|{s} would need a source.|{s} exaggerates the effect.|"
    "{s} understates the problem.|{s} mixes up cause and effect.|{s} does not hold up.|"
    "{s} is contradicted by the fact that {c}|{s} is only partly true: {c}|I disagree: {c}|"
    "I don't think so: {c}|I doubt this.|As if {c}|Says who?|How convenient.|"
    "The real reason is that {c}|The truth is that {c}|What they don't tell you is that {c}|"
    "Of course they would say that.|Tell that to the people concerned.|Another talking point.|"
    "Typical: they never mention that {c}|Partly true, but {c}|That may be so, but {c}|"
    "It is true that some say so, but {c}|While this sounds plausible, {c}|"
    "Strictly speaking, {c}|Even if that were true, {c}|This is debatable, as {c}|"
    "It depends: {c}|Only if {c}|There is more to it: {c}|Far from it: {c}|If anything, {c}|"
    "Then why {c}|Instead, {c}"
)

NEUTRAL = _list(
    "See also: {c}|For background: {c}|Note: {c}|The full text can be found online.|"
    "The report is available from the publisher.|A transcript is on the website.|"
    "Photo: archive.|More on this in the next section.|Further reading: {c}|"
    "Who paid for the survey?|Is there a link to the report?|What was the sample size?|"
    "Does this hold elsewhere as well?|When was this said?|"
    "Some agree with this and others do not.|Opinions differ on this.|"
    "This was also covered by other papers.|For readers new to the subject: {c}|"
    "Editor's note: {c}|Update: {c}|This refers to the following: {c}|"
    "In a separate matter, {c}|The term is explained in the glossary.|"
    "By way of comparison, {c}|I have not looked into this.|"
    "I am not sure what to make of this.|Can you say more about this?|The name is a pseudonym.|"
    "The quotation comes from a speech.|The interview took place last week.|"
    "Asking for a friend.|The table below gives the numbers.|It remains to be seen.|"
    "Both sides have a point."
)

# Pairs of words that turn a statement into its contrary when one replaces the other.
CONTRARY = _list(
    "increase decrease|increased decreased|increasing decreasing|increases decreases|rise fall|"
    "rose fell|rising falling|more fewer|higher lower|high low|up down|support oppose|"
    "supported opposed|supports opposes|before after|always never|all no|many few|most few|"
    "win lose|won lost|gain loss|gains losses|safe dangerous|legal illegal|true false|"
    "strong weak|strengthened weakened|success failure|growing shrinking|accepted rejected|"
    "allow ban|allowed banned|start end|started ended|first last|best worst|good bad|"
    "better worse|likely unlikely|possible impossible|fast slow|faster slower|large small|"
    "larger smaller|early late|old new|rich poor|public private|approved blocked|"
    "agree disagree|agreed refused|praised condemned|benefit harm|benefits harms|"
    "necessary unnecessary|effective ineffective|important trivial|cheap expensive|"
    "warming cooling|common rare|everyone nobody|everything nothing"
)

# A second list, for rows in which a comment objects to or seconds what news reports.
OBJECTIONS = _list(
    "Except {c}|Except that {c}|Except when it suits them: {c}|Except for one thing: {c}|"
    "But of course {c}|But {c}|But then {c}|But what about this: {c}|Yet {c}|Yet again {c}|"
    "And yet {c}|Still, {c}|Even so, {c}|So much for '{q}': {c}|So much for that.|"
    "Apart from the fact that {c}|Forget that {c}|Curiously, {c}|Strange, then, that {c}|"
    "If so, why is it that {c}|They forget that {c}|They leave out that {c}|"
    "Not a word on this: {c}|Nobody mentions that {c}|Rather, {c}|More precisely, {c}|"
    "Not when {c}|Unless one recalls that {c}|Only because {c}|Meanwhile, {c}|"
    "Meanwhile in the real world, {c}|Let us not pretend: {c}|Let's be honest: {c}|"
    "Never mind: {c}|The opposite is true: {c}|It was the other way round: {c}|"
    "Anyone who looks will see that {c}|What really happened: {c}|Translation: {c}|Fact: {c}|"
    "That is what they want you to think: {c}|\"{q}\"? {c}|'{q}'? Really? {c}|"
    "\"{q}\", they say, but {c}|This '{q}' talk hides that {c}|Convenient to forget: {c}|"
    "Records show otherwise: {c}|Odd: {c}|This has been denied many times: {c}|"
    "The story is different on the ground: {c}|Wait: {c}"
)

ASSENTS = _list(
    "Which is exactly why {c}|As expected: {c}|Small wonder: {c}|No surprise there: {c}|"
    "Fair point.|And not only that: {c}|All the more so because {c}|Hear, hear.|"
    '"{q}" says it all: {c}|And {c}|Well observed: {c}|Good point, and {c}|"{q}" is right: {c}|'
    "'{q}' indeed: {c}|Just so: {c}|Others say the same: {c}|This fits with what we know: {c}|"
    "One can only agree: {c}|Credit where it is due: {c}|Records confirm it: {c}|"
    "Glad somebody says it: {c}|True enough: {c}|Add to this that {c}|"
    "Here is another instance: {c}|Finally: {c}|Same here: {c}"
)
