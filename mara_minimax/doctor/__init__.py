"""`mara-minimax doctor`: does an endpoint, with this key, behave as the tables say?

It asks a few short questions, looks at the bytes of the answers and compares them with
`providers.py` and `models.py`. Nothing else in the package imports it.
"""
