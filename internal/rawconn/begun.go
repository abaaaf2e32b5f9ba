package rawconn

// Begun returns nc with bytes in front that were read from it already.
func Begun(nc Conn, bytes []byte) Conn { return &begun{Conn: nc, first: bytes} }

// A begun connection has bytes that were read before. Once they are read again, it is the connection below.
type begun struct {
	Conn
	first []byte // the reader's own
}

func (b *begun) Read(p []byte) (int, error) {
	if len(b.first) == 0 {
		return b.Conn.Read(p)
	}
	return b.take(p), nil
}

func (b *begun) take(p []byte) int {
	n := copy(p, b.first)
	if b.first = b.first[n:]; len(b.first) == 0 {
		b.first = nil
	}
	return n
}

// TryRead implements [Conn].
func (b *begun) TryRead(p []byte) (int, error) {
	if len(b.first) == 0 {
		return b.Conn.TryRead(p)
	}
	return b.take(p), nil
}

// AwaitInput implements [Conn].
func (b *begun) AwaitInput(ready func()) {
	if len(b.first) > 0 {
		ready()
		return
	}
	b.Conn.AwaitInput(ready)
}

// CloseWrite ends the output.
func (b *begun) CloseWrite() error {
	return CloseWrite(b.Conn)
}
