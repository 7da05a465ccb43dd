"""The console command, one file per noun."""
