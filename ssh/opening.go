package ssh

import (
	"net"

	"parley/internal/slots"
)

// An opening is what is of use until a peer is let in.
type opening struct {
	work *slots.Work
	gone func() // called when nothing more can be read

	// Of who reads; one does at a time.
	heard func() // called when the first bytes have come; nil afterwards
	ahead []byte // what was read, and not yet asked for
	known []byte // what the peer has sent, while that may still be something else than SSH
	ssh   bool   // it is SSH
}

// begins is what a peer says first (RFC 4253, section 4.2). Only a server may say something before.
const begins = "SSH-"

// firstRead is how much is read at a time where the library asks for single bytes: as long as what a peer says first
// may be.
const firstRead = 255

// read reads from nc. The slot is given to others meanwhile.
func (o *opening) read(nc net.Conn, p []byte) (n int, err error) {
	if len(o.ahead) == 0 {
		to := p
		if len(p) == 1 {
			to = make([]byte, firstRead)
		}
		o.work.Pause()
		n, err = nc.Read(to)
		o.work.Resume()
		if err != nil {
			o.gone()
		}
		if n > 0 && o.heard != nil {
			o.heard()
			o.heard = nil
		}
		if n == 0 || len(p) > 1 {
			return o.look(p[:n], err)
		}
		o.ahead = to[:n]
	}
	n = copy(p, o.ahead)
	o.ahead = o.ahead[n:]
	return o.look(p[:n], nil) // an error comes again
}

// look returns ErrPlain if what was received does not begin as SSH, and else how much it is, and err.
func (o *opening) look(received []byte, err error) (int, error) {
	if o.ssh || len(received) == 0 {
		return len(received), err
	}
	o.known = append(o.known, received[:min(len(received), len(begins))]...)
	known := min(len(o.known), len(begins))
	if string(o.known[:known]) != begins[:known] {
		return 0, ErrPlain
	}
	o.ssh = len(o.known) >= len(begins)
	return len(received), err
}
