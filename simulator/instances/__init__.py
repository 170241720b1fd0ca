"""The instances of one app: each leaves signs of life in the container, and so knows of the others."""
