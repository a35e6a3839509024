"""Rules from elsewhere: ready-made ones, templates, files, and the JSON of one rule."""
