"""One script per system under comparison, each run by the interpreter of its own environment.

A script reads lines ``{"id", "text"}`` from standard input and answers each with ``{"id", "spans":
[[start, end, category, source], …], "cpu_s"}``; loading of models is not counted.
"""
