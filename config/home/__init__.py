"""The first page of the back-office: today, and how the company is doing."""
