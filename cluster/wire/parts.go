package wire

import (
	"encoding/binary"
	"slices"
)

// What travels begins with one of these bytes.
const (
	whole  = 'w' // a message
	partOf = 'p' // a part of one: the message's number in 8 bytes, the part's in 2, how many there are in 2
)

// The bounds of parts.
const (
	partHeader    = 1 + 8 + 2 + 2
	maxParts      = 1024
	maxIncomplete = 16       // messages
	maxGathered   = 64 << 20 // bytes of all of them
)

// split returns message as it travels, in pieces of size bytes at most. number tells the parts of one message from
// those of another. What would be more than maxParts is nil.
func split(message []byte, number uint64, size int) [][]byte {
	if len(message) < size {
		return [][]byte{append([]byte{whole}, message...)}
	}
	count := (len(message) + size - partHeader - 1) / (size - partHeader)
	if count > maxParts {
		return nil
	}
	pieces := make([][]byte, 0, count)
	for data := range slices.Chunk(message, size-partHeader) {
		p := append(make([]byte, 0, partHeader+len(data)), partOf)
		p = binary.BigEndian.AppendUint64(p, number)
		p = binary.BigEndian.AppendUint16(p, uint16(len(pieces)))
		p = binary.BigEndian.AppendUint16(p, uint16(count))
		pieces = append(pieces, append(p, data...))
	}
	return pieces
}

// A gathering is what has arrived of messages in parts. One goroutine uses it.
type gathering struct {
	messages []*incomplete // the one that was begun first comes first
	bytes    int
}

// An incomplete is a message of which some parts are missing.
type incomplete struct {
	from    string
	number  uint64
	parts   [][]byte
	missing int
	bytes   int
}

// add takes what has arrived from a node, and returns the message that is whole with it: nil if there is none. Where
// there is too much, the oldest are given up.
func (g *gathering) add(from string, b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	if b[0] == whole {
		return b[1:]
	}
	if b[0] != partOf || len(b) <= partHeader {
		return nil // of a later version, perhaps
	}
	number := binary.BigEndian.Uint64(b[1:])
	index, count := int(binary.BigEndian.Uint16(b[9:])), int(binary.BigEndian.Uint16(b[11:]))
	if count < 1 || count > maxParts || index >= count {
		return nil
	}
	i := slices.IndexFunc(g.messages, func(m *incomplete) bool { return m.from == from && m.number == number })
	if i < 0 {
		i = len(g.messages)
		g.messages = append(g.messages, &incomplete{from: from, number: number, parts: make([][]byte, count),
			missing: count})
	}
	m := g.messages[i]
	if len(m.parts) != count || m.parts[index] != nil {
		return nil
	}
	m.parts[index] = b[partHeader:]
	m.missing--
	m.bytes += len(b) - partHeader
	g.bytes += len(b) - partHeader
	if m.missing == 0 {
		g.remove(i)
		return slices.Concat(m.parts...)
	}
	for len(g.messages) > maxIncomplete || g.bytes > maxGathered {
		g.remove(0)
	}
	return nil
}

func (g *gathering) remove(i int) {
	g.bytes -= g.messages[i].bytes
	g.messages = slices.Delete(g.messages, i, i+1)
}
