"""Many scored articles compared: by target, by outlet, over time.

The tables of finished reports come in, frames, figures and sections of the corpus page go out;
imports `report`, `scale` and the rooms above them.
"""
