package chat

import (
	"maps"
	"slices"
	"sync"
)

// presences are those who are online on one node, by their folded names. Safe for concurrent use.
type presences struct {
	mu     sync.RWMutex // guards byName
	byName map[string]*Presence
}

// at returns who is online under that folded name, or nil.
func (t *presences) at(name string) *Presence {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.byName[name]
}

// add adds p, and returns nil, or else who is there already under the name.
func (t *presences) add(p *Presence) (there *Presence) {
	name := p.User.key()
	t.mu.Lock()
	defer t.mu.Unlock()
	if there := t.byName[name]; there != nil {
		return there
	}
	if t.byName == nil {
		t.byName = make(map[string]*Presence)
	}
	t.byName[name] = p
	return nil
}

// remove removes p, if it is there.
func (t *presences) remove(p *Presence) {
	name := p.User.key()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byName[name] == p {
		delete(t.byName, name)
	}
}

// all returns those who are there now, in no order. The slice is the caller's.
func (t *presences) all() []*Presence {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.AppendSeq(make([]*Presence, 0, len(t.byName)), maps.Values(t.byName))
}

// count returns how many they are.
func (t *presences) count() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.byName)
}
