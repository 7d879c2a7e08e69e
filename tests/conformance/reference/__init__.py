"""The same commands, answered by the reference library: what ours is compared with."""
