package chat

import (
	"crypto/rand"
	"strconv"
	"strings"
)

// A User is somebody who talks: an account, or a guest for as long as the session lasts. It is a value; the zero User
// is the system itself.
type User struct {
	// Name is shown to others, as registered.
	Name string `json:"name"`
	// ID tells users apart: for an account the skeleton of its name, for a guest something that no other guest has,
	// although the next one may get the same name. A guest who was blocked or muted has it again who comes back within
	// an hour.
	ID string `json:"id"`
	// Origin is the ID of the guest who registered this account, so that a block holds on. Empty if not known.
	Origin string `json:"origin,omitempty"`
	// Guest reports whether there is no account.
	Guest bool `json:"guest,omitempty"`
}

// key is the name under which a user who is online is found.
func (u User) key() string { return FoldName(u.Name) }

// System is the speaker of notices.
const System = "system"

const guestPrefix = "guest"

// guestIDPrefix begins the ID of a guest, and of nobody else.
const guestIDPrefix = "guest#"

// newGuestID returns an ID that no guest had before, on any node.
func newGuestID() string { return guestIDPrefix + rand.Text() }

func guestName(number int) string {
	if number <= 1 {
		return guestPrefix
	}
	return guestPrefix + strconv.Itoa(number)
}

// guestNumber returns the number behind a guest's name.
func guestNumber(name string) int {
	digits := strings.TrimPrefix(name, guestPrefix)
	if digits == "" {
		return 1
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 1
	}
	return n
}
