"""The HTTP side: requests in, answers out; no imaging library and no engine."""
