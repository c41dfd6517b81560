"""What a release is tried on before it is published; no part of the wheel."""
