"""Labels that people gave, and how far the people agree.

Label logs come in, gold labels and agreement coefficients go out; imports `readers` and
`alignment`, never a score.
"""
