"""The console in Chromium, as owner and as member, in both languages."""
