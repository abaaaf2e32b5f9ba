package ssh

import gossh "golang.org/x/crypto/ssh"

// Unread returns how many bytes have come that t was not read for.
func Unread(t *Terminal) int {
	t.input.mu.Lock()
	defer t.input.mu.Unlock()
	return len(t.input.text)
}

// LimitedKey returns a host key as one connection may use it.
func LimitedKey(key gossh.Signer) gossh.Signer { return limited(key) }

// What is offered.
var KeyExchanges, Ciphers, MACs = keyExchanges, ciphers, macs
