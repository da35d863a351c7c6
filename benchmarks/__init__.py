"""Benchmarks: each measures our code and a named reference in the same run, and writes down the ratio.

`python -m benchmarks [--quick] [NAME...]` runs them, prints a table and writes `results.json` beside this file. Speeds
differ from machine to machine and from minute to minute; a ratio measured side by side hardly does, so that is what
goals are set for. Each module measures one thing; `suite.py` lists them, `measure.py` says how time is taken.
"""
