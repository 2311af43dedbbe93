"""Credits, coupons and passes, and their sale and use (contract, sections 1 and 4)."""
