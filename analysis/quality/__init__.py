"""How far a scorer can be trusted: metrics against gold labels, calibration, figures of both.

Labeled rows and a scorer come in, measures and sections of the evaluation page go out; imports
`report` and the rooms above it.
"""
