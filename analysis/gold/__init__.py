"""People's labels, and how far people agree.

Label logs come in, gold labels and agreement coefficients go out; imports `readers` and
`alignment`, never a score.
"""
