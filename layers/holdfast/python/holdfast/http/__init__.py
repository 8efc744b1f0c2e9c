"""The door: what all API functions share. It knows HTTP and the use cases, and no adapter."""
