"""`caselog outbox`: replies from draft to proof."""
