package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"parley/chat"
	"parley/cluster/order"
)

// A snapshot is everything that the machines have in common.
type snapshot struct {
	Ledger *chat.Ledger       `json:"ledger"`
	Nodes  []string           `json:"nodes"`
	Speak  map[string]int     `json:"speak,omitempty"` // the versions of the operations that these understand
	Needs  int                `json:"needs,omitempty"` // the highest version of an operation that is in the ledger
	Lines  map[chat.Topic]int `json:"lines"`
	Time   time.Duration      `json:"time"`
	Said   uint64             `json:"said"` // the order of the last line
}

// Snapshot is that of [order.Machine].
func (m *machine) Snapshot() []byte {
	b, err := json.Marshal(snapshot{m.ledger, slices.Sorted(maps.Keys(m.nodes)), m.nodes, m.needs, m.lines, m.now(),
		m.bus.Said()})
	if err != nil {
		m.view.log.Error("snapshot not taken", "err", err)
	}
	return b
}

// Restore is that of [order.Machine]. Who is here and still is online hears on, and is told how many lines were lost on
// the way; who is not is sent away.
func (m *machine) Restore(state []byte, _, _ uint64) error {
	var needs struct{ Needs int }
	if err := json.Unmarshal(state, &needs); err != nil {
		return fmt.Errorf("read snapshot: %w", err)
	}
	if needs.Needs > m.view.version {
		return fmt.Errorf("snapshot of version %d: %w", needs.Needs, order.ErrOld)
	}
	before := make(map[string][]chat.Room, len(m.seats))
	for id, s := range m.seats {
		before[id] = m.ledger.RoomsOf(s.entry.User)
	}
	s := snapshot{Ledger: m.ledger}
	if err := json.Unmarshal(state, &s); err != nil {
		return fmt.Errorf("read snapshot: %w", err)
	}
	lines := m.lines
	m.lines, m.nodes, m.needs = s.Lines, make(map[string]int), s.Needs
	if m.lines == nil {
		m.lines = make(map[chat.Topic]int)
	}
	for _, node := range s.Nodes {
		m.nodes[node] = max(1, s.Speak[node])
	}
	m.nameNodes()
	m.tick(s.Time)
	m.bus.Skip(s.Said)
	for _, seat := range slices.Collect(maps.Values(m.seats)) {
		m.reseat(seat, before[seat.entry.ID])
	}
	for e := range m.ledger.Online() {
		if e.Node == m.view.name && m.seats[e.ID] == nil {
			m.view.later(&chat.Op{Kind: chat.OpQuit, Entry: &e, At: time.Now()}) // nobody waited for that any more
		}
	}
	m.tellLost(lines)
	m.drop()
	return nil
}

// reseat lets a user who was here hear on, or go. rooms are those that the user was in.
func (m *machine) reseat(s *seat, rooms []chat.Room) {
	e, err := m.ledger.Find(s.entry.User.Name)
	m.rise(s.entry, rooms)
	switch {
	case err != nil || e.ID != s.entry.ID:
		m.view.expel(s.entry.User, chat.ErrNoDesk)
	case e.Node != m.view.name:
		m.view.expel(s.entry.User, chat.ErrMoved)
	default:
		m.sit(e, s.listener, m.ledger.RoomsOf(e.User))
	}
}

// tellLost tells those who are here how many lines they have missed. had are the lines that were counted before.
func (m *machine) tellLost(had map[chat.Topic]int) {
	for _, topic := range slices.Sorted(maps.Keys(m.lines)) {
		missed := m.lines[topic] - had[topic]
		if missed <= 0 {
			continue
		}
		e := &chat.Event{Kind: chat.LostShouts, At: time.Now(), Count: missed}
		if number, err := roomOf(topic); err == nil {
			e.Kind, e.Room = chat.Lost, number
		}
		m.bus.Publish(context.Background(), topic, e)
	}
}
