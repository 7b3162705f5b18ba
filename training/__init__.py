"""The recipe that trains, exports, calibrates and measures the scorers' models."""
