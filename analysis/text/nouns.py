"""Kinds of nouns that the rules on speakers and targets tell apart, by lemma."""

# What a stance is taken on: measures, plans and decisions.
POLICIES = frozenset(
    "accord act agreement aid amendment annexation arrangement austerity ballot ban bill blockade "
    "boycott budget campaign cap ceasefire charge charter closure code constitution contract "
    "control convention coup crackdown curfew cut deal decision decree demand demolition "
    "deployment duty embargo exemption expansion expulsion extension fee freeze fund grant "
    "guideline handout increase independence initiative intervention invasion investment "
    "inquiry labelling law lawsuit levy licence license limit lockdown loan mandate measure merger "
    "mission moratorium move nationalisation nationalization occupation offer operation order pact "
    "pardon partnership penalty pipeline plan pledge policy privatisation privatization programme "
    "program prohibition project proposal quota raid recall referendum reform regulation "
    "removal requirement rescue restriction rule ruling sanction scheme secession settlement "
    "strike subsidy surcharge takeover tariff tax test treaty trial vaccination verdict "
    "veto vote withdrawal".split()
)

# Those that name no policy by themselves, but stand for one that was named before.
STAND_INS = frozenset(
    "bill decision decree deal idea law levy measure move plan policy programme program project "
    "proposal reform rule scheme step".split()
)

# Groups and bodies that act and are judged.
ACTORS = frozenset(
    "activist administration agency army assembly association authority bank board cabinet "
    "campaign campaigner charity church club coalition commission committee community company "
    "congress council court critic demonstrator department developer doctor driver employer "
    "family farmer federation firm fisherman force government group guild industry institute "
    "judge junta landlord lobby mayor militia minister ministry monarchy movement nurse office "
    "operator opposition organisation organization owner parent parliament party police president "
    "prosecutor protester rebel refugee regime regulator resident scientist school senate service "
    "settler society soldier state student supporter teacher team tenant tribe troop trust union "
    "university villager worker".split()
)
