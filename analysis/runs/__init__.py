"""Runs that make reports: what is out of date, forked kernels, workers, the index.

Articles or a site file come in, report pages and a run log go out; imports every room but `lab`.
"""
