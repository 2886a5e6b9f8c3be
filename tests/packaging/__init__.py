"""What is shipped, and the rules of the house that no linter knows."""
