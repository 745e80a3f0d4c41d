"""What a release may choose, seen and noted: exceptions, printed forms, signatures, key lists.

The specs say what must hold. Between two releases much else may change that a user's code leans on
without a claim saying so; here it is observed, claim by claim, and ``history`` compares it.
"""
