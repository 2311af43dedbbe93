"""Credits, coupons and passes, and what is sold and paid with them (contract, sections 1 and 4)."""
