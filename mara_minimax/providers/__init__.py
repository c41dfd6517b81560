"""What is known of the providers: endpoints, models and parameters, in tables with sources."""
