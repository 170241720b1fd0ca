"""What the simulator costs beside a bare web server on the same machine."""
