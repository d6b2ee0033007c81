"""An embedded AWS: the ministack emulator, and around it the rules of AWS that it lacks."""
