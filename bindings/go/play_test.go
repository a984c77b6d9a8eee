package exoref

func play(string) int { return 2 }
