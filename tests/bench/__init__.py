"""Benchmarks: each compares designs side by side in one run; nothing is judged by absolute time."""
