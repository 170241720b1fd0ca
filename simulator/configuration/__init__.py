"""The configuration at run time: what may be changed, how changes are kept, and who follows them."""
