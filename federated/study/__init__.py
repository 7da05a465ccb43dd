"""What is asked: study files, their resolved and canonical form, and the public plan."""
