"""Kinds of nouns that the rules on speakers and targets tell apart, by lemma."""

POLICIES = frozenset(
    "accord act agreement aid amendment annexation arrangement austerity ballot ban bill blockade "
    "boycott budget campaign cap ceasefire charter closure coalition code constitution contract "
    "control convention court coup crackdown curfew cut deal decision decree demand demolition "
    "deployment device duty embargo exemption expansion expulsion extension fee freeze fund grant "
    "guideline handout idea increase independence initiative intervention invasion investment "
    "inquiry labelling law lawsuit levy licence license limit lockdown loan mandate measure merger "
    "mission moratorium move nationalisation nationalization occupation offer operation order pact "
    "pardon partnership penalty pipeline plan pledge policy privatisation privatization programme "
    "program prohibition project proposal quota raid recall referendum reform regime regulation "
    "removal requirement rescue restriction rule ruling sanction scheme secession settlement "
    "strike subsidy summit surcharge takeover tariff tax test treaty trial vaccination verdict "
    "veto vote withdrawal".split()
)
