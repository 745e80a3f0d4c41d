"""``pytest --page=FILE``: the specification and a run's results as one self-contained HTML file.

This part imports the rest of the project; nothing imports this part.
"""

#: Near the start of every page, so that --page replaces no other file.
MARK = '<meta name="generator" content="pytest --page, an executable specification of PyTorch">'
