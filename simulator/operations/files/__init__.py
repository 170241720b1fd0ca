"""Files: uploaded, listed, read and deleted; kept in the container."""
