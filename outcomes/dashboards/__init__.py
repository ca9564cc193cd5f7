"""What a page shows, gathered: facts and codes in frozen dataclasses, no words and no drawing."""
