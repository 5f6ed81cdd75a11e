"""What must go? So far: what becomes of a landing file once its content is in the lake."""
