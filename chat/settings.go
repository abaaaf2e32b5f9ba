package chat

import (
	"context"
	"fmt"
	"maps"

	"parley/settings"
)

// The bounds of what a user may set. Whoever calls Set checks what may be set at all.
const (
	maxSettings = 64
	maxSetting  = 64 // bytes of a name, and of a value
)

// Settings returns what the user has set. It must not be changed.
func (p *Presence) Settings() settings.Values { return p.wishesNow().settings }

// Set sets what is in changes, all at once; an empty value unsets. An account's settings are on disk when Set returns
// nil, a guest's last as long as the session. It returns no refusal.
func (n *Node) Set(ctx context.Context, me *Presence, changes settings.Values) error {
	return n.changeOwn(ctx, me, func(a *account) (err error) {
		a.Settings, err = with(a.Settings, changes)
		return err
	})
}

// with returns values with changes.
func with(values, changes settings.Values) (settings.Values, error) {
	all := maps.Clone(values)
	if all == nil {
		all = make(settings.Values)
	}
	for name, value := range changes {
		if len(name) > maxSetting || len(value) > maxSetting {
			return nil, fmt.Errorf("set %.70q to %.70q: too long", name, value)
		}
		if all[name] = value; value == "" {
			delete(all, name)
		}
	}
	if len(all) > maxSettings {
		return nil, fmt.Errorf("set %d values: too many", len(all))
	}
	return all, nil
}
