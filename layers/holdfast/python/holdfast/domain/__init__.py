"""Rules. Pure functions of values: no AWS, no pydantic, no clock, no randomness."""
