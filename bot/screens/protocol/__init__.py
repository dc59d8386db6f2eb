"""The whole protocol in plain words, for the principal investigator to read and sign."""
