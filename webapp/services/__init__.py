"""What pages, API, command line and workers call, one folder for each road or subject."""
