package ssh

import (
	"crypto/rand"
	"encoding/binary"
	"io"

	gossh "golang.org/x/crypto/ssh"
)

// tooMany is the reason of a disconnection that is for the number of connections (RFC 4253, section 11.1).
const tooMany = 12

// Refuse tells a peer that it is not let in, and why, as its program will show it: by a message of the protocol, which
// needs no keys (RFC 4253, section 11.1). w is not closed.
func Refuse(w io.Writer, why string) error {
	message := gossh.Marshal(struct {
		Reason         uint32 `sshtype:"1"`
		Text, Language string
	}{tooMany, why, ""})
	const block, least = 8, 4 // section 6
	padding := block - (4+1+len(message))%block
	if padding < least {
		padding += block
	}
	packet := append([]byte(version+"\r\n"), make([]byte, 5)...)
	head := packet[len(version)+2:]
	binary.BigEndian.PutUint32(head, uint32(1+len(message)+padding))
	head[4] = byte(padding)
	packet = append(packet, message...)
	filler := make([]byte, padding)
	_, _ = rand.Read(filler) // which does not fail
	_, err := w.Write(append(packet, filler...))
	return err
}
