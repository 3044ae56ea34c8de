"""What happens to people and which records it leaves: police work, justice, the registry."""
