"""Runs that make reports: what is out of date, forked kernels, workers, the index.

In: articles or a site file. Out: report pages and a run log. May import every subpackage but `lab`
and `cli`.
"""

import sys

# An optional check of jsonschema's, which nbformat imports: its grammar takes over a second to
# build, and no schema of a notebook asks for it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
