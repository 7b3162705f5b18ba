"""Sentences, voices, targets and loaded language, on spaCy's parse.

Plain strings and spans come in, linguistic annotations of them go out; imports the vocabulary
(`types`, `errors`, `paths`, `params`, `frames`) only.
"""
