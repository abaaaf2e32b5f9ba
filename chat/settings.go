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
func (p *Presence) Settings() settings.Values {
	if v := p.settings.Load(); v != nil {
		return *v
	}
	return nil
}

// Set makes value the setting of that name, or unsets it if value is empty. An account's settings are on disk when Set
// returns nil, a guest's last as long as the session. It returns no refusal.
func (n *Node) Set(ctx context.Context, me *Presence, name, value string) error {
	return n.changeOwn(ctx, me, func(a *account) (err error) {
		a.Settings, err = with(a.Settings, name, value)
		return err
	})
}

// with returns values in which the one of that name is value.
func with(values settings.Values, name, value string) (settings.Values, error) {
	all := maps.Clone(values)
	if value == "" {
		delete(all, name)
		return all, nil
	}
	if all == nil {
		all = make(settings.Values)
	}
	all[name] = value
	if len(all) > maxSettings || len(name) > maxSetting || len(value) > maxSetting {
		return nil, fmt.Errorf("set %.70q to %.70q: too much is set", name, value)
	}
	return all, nil
}
