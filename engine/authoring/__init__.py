"""Writing rules without code: the condition tree, its edits, its words, its checks and its forms."""
