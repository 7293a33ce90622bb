"""The arrays that rules compute with."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Exacts = NDArray[np.object_]  # of Python integers, so that nothing overflows
