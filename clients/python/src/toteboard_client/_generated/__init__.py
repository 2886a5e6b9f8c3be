"""What is generated from the AsyncAPI document. The modules above it re-export it."""
