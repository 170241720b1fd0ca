"""Analysis of all recordings of a store: how long answers took, and whether they still hold."""
