"""The frame of the back-office: its site, and what its pages share."""
