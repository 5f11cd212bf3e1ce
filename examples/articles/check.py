"""Stand-in of validation and preprocessing: there is nothing to look at but that it is asked."""

import sys

print(f"{sys.argv[1]}: all is well")
