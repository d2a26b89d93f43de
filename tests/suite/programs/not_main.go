package lib

func Helper() *int { return new(int) }
