"""The sample portfolio: an invented freight forwarder, so that a newcomer sees a story at once."""
