"""The byte forms of the providers: replies, streams, errors and the list of models."""
