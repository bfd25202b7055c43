"""Where tables live: one contract, two engines."""
