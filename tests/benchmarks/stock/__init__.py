"""The peer of the back-office: a stock ModelAdmin over the same table, with usual settings."""
