"""Outcomes as pure functions of recorded tables: frames in, frames out, no Django."""
