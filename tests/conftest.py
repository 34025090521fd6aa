"""What holds for all tests."""

from hypothesis import settings

# How long an example takes depends on what else the machine does; time is measured by tests made for that.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
