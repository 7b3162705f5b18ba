"""Runs that make reports: what is out of date, forked kernels, workers, the index.

Articles or a site file come in, report pages and a run log go out; imports every room but `lab`.
"""

import sys

# An optional check of jsonschema's, which nbformat imports: its grammar takes over a second to
# build, and no schema of a notebook asks for it.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
