"""From a draft to a live rule: test cases, review and publication, versions."""
