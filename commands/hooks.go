package commands

import (
	"context"
	"slices"

	"parley/chat"
	"parley/words"
)

// hookCommands let programs speak in rooms.
var hookCommands = []Command{inRoom(Command{
	Name:  "hook",
	Usage: "hook <room>",
	Live:  true,
}, func(ctx context.Context, c *Call, number int) error {
	if c.registry.WebURL == "" {
		return chat.ErrNoWeb
	}
	secret, h, err := c.Chat.Hook(ctx, c.Me, number)
	if secret == "" {
		return err
	}
	c.Say("hook made", h.Number, c.called(ctx, number), c.registry.WebURL+"hook/"+secret)
	return err
}), {
	Name:  "hooks",
	Usage: "hooks (page)",
	Needs: Login,
	Pace:  Unpaced,
	Extra: true,
	Run:   hooks,
}, inRoom(Command{
	Name:  "unhook",
	Usage: "unhook <room> [number]",
}, func(ctx context.Context, c *Call, number int) error {
	which, err := c.count("number", 0)
	if err != nil {
		return err
	}
	_, err = c.Chat.Unhook(ctx, c.Me, number, which)
	return c.done(ctx, number, err)
})}

// hooks lists what hooks there are in rooms that the user governs; operators govern all in that.
func hooks(ctx context.Context, c *Call) error {
	rooms := c.Chat.Rooms(ctx)
	type row struct {
		room string
		chat.Hook
	}
	var rows []row
	for _, r := range rooms {
		if !c.Chat.Governs(c.Me, r) && !c.Me.Operator() {
			continue
		}
		for _, h := range r.Hooks {
			rows = append(rows, row{r.Called(), h})
		}
	}
	pages := slices.Collect(slices.Chunk(rows, c.perPage(entriesPerPage)))
	return inPages(c, "hooks", pages, func(page []row) {
		if len(page) == 0 {
			c.Say("hooks nowhere")
		}
		for _, r := range page {
			c.Say("hook of room", r.room, r.Number, r.By.Name, r.Made)
		}
	})
}

// manyRooms is how many rooms are named of those in which programs speak.
const manyRooms = 20

// bots returns what shows who speaks in rooms and is no user, if its name begins with prefix, and nothing if there is
// none.
func (c *Call) bots(ctx context.Context, prefix string) (show func()) {
	if !startsLike(chat.HookName, prefix) {
		return nil
	}
	var names []string
	for _, r := range c.Chat.Rooms(ctx) {
		if len(r.Hooks) > 0 {
			names = append(names, r.Called())
		}
	}
	where := words.Say("in the rooms", words.All(names))
	switch n := len(names); {
	case n == 0:
		return nil
	case n == 1:
		where = words.Say("in the room", names[0])
	case n > manyRooms:
		where = words.Say("many rooms in", n)
	}
	return func() { c.Say("bots", chat.HookName, where) }
}
