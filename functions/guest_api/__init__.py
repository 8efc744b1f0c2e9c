"""Bookings, for the customers whose they are."""
