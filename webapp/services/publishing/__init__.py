"""From a draft to a live rule: review, decision, gate, publication, dates."""
