package chattest

import (
	"fmt"
	"time"

	"parley/chat"
)

// crowdIsCounted lets many come into a room of many at once: they are in it at once, all hear soon how many they are,
// none of them is told of twice, and a single one does not hear of himself.
func crowdIsCounted(h *hall) {
	const more = 20
	leader := h.enter("leader")[0]
	leader.open()
	h.everywhere("the room is there", func(d chat.Desk) bool { return members(room(h, d, 0), "leader") })
	ears := make([]*ear, chat.CrowdSize+more)
	for i := range ears {
		ears[i] = h.enter(fmt.Sprint("u", i))[0]
		ears[i].join(0)
	}
	if r := room(h, ears[0].desk, 0); r.Members.Len() <= chat.CrowdSize {
		h.Errorf("at once %d are in the room", r.Members.Len())
	}
	last := ears[len(ears)-1]
	last.say(chat.RoomTopic(0), "just counted")
	leader.until("just counted")
	h.eventually("all are told of", func() bool { return leader.told() == len(ears) })
	first := ears[0]
	h.eventually("they are told of to others", func() bool { return first.told() == len(ears)-1 })

	leader.settled()
	leader.forget()
	time.Sleep(chat.CrowdTime) // a desk has its own time
	for _, e := range ears[:2] {
		_, err := e.change(0, chat.Left)
		h.must(err)
	}
	h.eventually("two have left", func() bool { return leader.told() == -2 })
	ears[1].settled()
	ears[1].forget()
	time.Sleep(chat.CrowdTime)
	ears[0].join(0)
	ears[1].join(0)
	leader.until("joined u1")
	ears[1].wants()

	_, err := last.change(0, chat.Left) // is counted
	h.must(err)
	_, err = leader.change(0, chat.Left)
	h.must(err)
	ears[2].until("closed leader")
	time.Sleep(chat.CrowdTime + chat.CrowdTime/2)
	if lines := ears[2].settled(); lines[len(lines)-1] != "closed leader" {
		h.Errorf("of a closed room is told %q", lines[len(lines)-1])
	}
}

// told returns how many more are in the room by what e has heard.
func (e *ear) told() (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, event := range e.events {
		switch event.Kind {
		case chat.Joined:
			n++
		case chat.JoinedMany:
			n += event.Count
		case chat.Left:
			n--
		case chat.LeftMany:
			n -= event.Count
		}
	}
	return n
}
