"""Tests of this project itself: that its helpers do what the specs rely on."""
