"""The frame: what every app shares. `README.md` in this folder is the map of its rooms.

The frame imports no app; `urls.py`, `home/` and `demo/` are the exceptions.
`tests/test_house.py` holds this.
"""
