"""`python -m promo_scheduler` is `promo`."""

import sys

from promo_scheduler.cli import main

if __name__ == "__main__":
    sys.exit(main())
