"""What is measured: this package, the integrations it is compared with, and floors."""
