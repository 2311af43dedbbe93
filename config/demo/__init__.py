"""The demo company of the first start, and sample data of any size (`load_sample`)."""
