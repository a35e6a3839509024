"""Writing rules without code: the condition tree, its operations, its words, its checks and its forms."""
