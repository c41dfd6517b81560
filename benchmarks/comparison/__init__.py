"""What each integration does with the providers' wire forms, asked of the emulator."""
