"""What belongs to the Attention page: one text as the model read it, and the views of it."""
