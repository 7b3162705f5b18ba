"""How far a scorer can be trusted: metrics against gold labels, calibration, and their figures.

In: labeled rows and a scorer. Out: metrics and sections of the evaluation page. Imports `report`
and the subpackages before it.
"""
