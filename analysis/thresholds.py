"""Thresholds that the code and the method page share."""

CLEAR = 0.75  # confidence from which a label is called clear
MIN_TEXTS = 5  # sentences or comments on a side; nothing is claimed of fewer together
# Values for an interval. Of three, a 95% interval holds the truth in 91% of cases; where their
# confidences differ much (0.35 and 0.95), in 92%, and of six and more in 94 to 97%.
MIN_VALUES = 3
RESAMPLES = 4000  # of the bootstrap
LOADED = 0.5  # bias score from which a segment counts as loaded
