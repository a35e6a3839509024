"""Routes on the event loop: which they are, who may call them, what they exchange, and the batches they share."""
