"""A corpus of any size: partition by partition over Dask, to Parquet, and back from it."""
