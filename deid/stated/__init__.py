"""What a note states of margin, grade, size and side, to compare with the form's fields."""
