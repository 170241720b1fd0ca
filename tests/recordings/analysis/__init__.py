"""Tests of what is learnt from recordings."""
