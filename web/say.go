package web

import "parley/words"

// say returns a sentence for whoever asks by HTTP.
func say(code string, args ...any) string { return words.English.Say(code, args...) }
