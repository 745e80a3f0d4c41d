"""The machinery: ``run`` has pytest run the specs, ``history`` keeps and compares what runs saw,
``page`` shows it. Imports go one way: specs <- run <- history <- page.
"""
