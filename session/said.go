package session

import "parley/gmcp"

// A Linker is a terminal that may show links.
type Linker interface {
	// Links reports whether it shows those that the sequence OSC 8 makes.
	Links() bool
}

// A Messenger is a terminal that may take messages of GMCP beside the text.
type Messenger interface {
	// TakesMessages reports whether it takes any.
	TakesMessages() bool
	// Packages returns the packages of messages that it supports.
	Packages() gmcp.Packages
	// Asks returns what it has asked for since the last call. What it asks for makes input available, without text.
	Asks() gmcp.Asks
	// Credentials returns, once, what it has sent to log its user in, which none does where others can read along. They
	// end a Read that waits, without text.
	Credentials() (sent gmcp.Credentials, ok bool)
	// SendMessage sends a message with the next text that is written, ahead of it; an empty Write sends it alone. It
	// does not wait. A terminal that takes none is sent nothing.
	SendMessage(message []byte)
}

// said is what a terminal says of itself.
type said struct {
	claims   int
	charset  string // that was agreed upon
	links    bool
	packages gmcp.Packages
}

func saidBy(t Terminal) (all said) {
	if t, ok := t.(Claimer); ok {
		all.claims = t.Claims()
	}
	if t, ok := t.(CharsetAgreer); ok {
		all.charset = t.AgreedCharset()
	}
	if t, ok := t.(Linker); ok {
		all.links = t.Links()
	}
	if t, ok := t.(Messenger); ok {
		all.packages = t.Packages()
	}
	return all
}
