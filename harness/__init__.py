"""How pytest runs the specs and reports on them; what they say is in ``specs``."""
