"""What survives LiteLLM's proxy between our classes and a provider, asked of the emulator."""
