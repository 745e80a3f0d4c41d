"""How pytest runs the specs: options, devices, profiles, isolation, failures, summary, outline."""
