"""One child process per worker slot, in which everything that touches an upload's bytes runs, walled in by the kernel.

`reader` is what the worker calls; `handle`, `scratch`, `policy` are its side, `child`, `sandbox`, `lifeline` the other.
"""
