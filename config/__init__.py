"""The frame: what every app shares. `README.md` in this folder is the map of its rooms.

The frame imports no app, except in `urls.py`, `home/` and `demo/`; `tests/test_house.py` checks
this.
"""
