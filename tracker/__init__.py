"""Thermark core: media, annotation, networks and tracking. No Qt here."""
