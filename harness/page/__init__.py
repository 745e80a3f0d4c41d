"""The specification as one HTML file, for people who do not run pytest: ``pytest --page FILE``.

It shows what the run saw, and imports the rest of the project; nothing else imports it.
"""
