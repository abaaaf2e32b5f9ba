package chat

import "context"

// TellUnsent tells me, who has moved to another connection, that line was held at the one before, and is not sent.
func (n *Node) TellUnsent(ctx context.Context, me *Presence, line Text) error {
	e, online, err := n.entryOf(ctx, me.User)
	if err != nil || !online {
		return err
	}
	_, err = n.desk.Ask(ctx, e.Node, &Order{Kind: Deliver, User: e.User, Event: newEvent(Unsent, me.User, 0, line)})
	return err
}
