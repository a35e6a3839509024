"""From inbox to committed awards: drain, lock, fold, save, relay."""
