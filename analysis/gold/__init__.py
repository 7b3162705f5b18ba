"""People's labels, and how far people agree.

In: logs of labels. Out: gold labels and agreement coefficients. Imports `readers` and `alignment`,
and reads no scores.
"""
