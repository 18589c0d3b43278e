"""promo: write a promotion once, and have it go live everywhere at each region's own hour."""
