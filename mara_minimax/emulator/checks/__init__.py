"""What each provider refuses in a request: a rule is a function, a provider a tuple of rules."""
