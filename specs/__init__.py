"""What PyTorch does, claim by claim: the ledger of claims and the specs that prove them."""
