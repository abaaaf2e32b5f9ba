package commands

import (
	"context"

	"parley/words"
)

// clusterCommands are about several servers that are one Parley.
var clusterCommands = []Command{{
	Name:     "cluster",
	Usage:    "cluster",
	Needs:    Operator,
	Live:     true,
	ReadOnly: true,
	Run: func(ctx context.Context, c *Call) error {
		s, err := c.Chat.Cluster(ctx)
		if err != nil {
			return err
		}
		c.Say("cluster", words.Count(len(s.Nodes), "node"), s.Node)
		for _, n := range s.Nodes {
			state, users := words.Say(string(n.State)), words.Count(n.Users, "user")
			switch {
			case n.Behind > 0:
				c.Say("node behind", n.Name, state, users, n.Write, n.Behind)
			case n.Write > 0:
				c.Say("node at", n.Name, state, users, n.Write)
			default:
				c.Say("node", n.Name, state, users)
			}
		}
		c.Say("cluster at", s.Epoch, s.Event)
		switch {
		case s.Server != "":
			c.Say("cluster server", s.Server)
		case len(s.Nodes) > 1:
			c.Say("cluster no server")
		}
		if s.Trouble != nil {
			c.Say("cluster trouble", s.Trouble.Error())
		}
		return nil
	},
}}
