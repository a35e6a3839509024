"""Ready-made rules: packs as JSON, each rule with its reason, examples and cases."""
