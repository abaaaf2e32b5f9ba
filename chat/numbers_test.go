package chat

import "testing"

func TestNumbers(t *testing.T) {
	var n numbers
	take := func(want int) {
		t.Helper()
		if got := n.take("node"); got != want {
			t.Errorf("took %d, want %d", got, want)
		}
	}
	for want := 1; want <= 5; want++ {
		take(want)
	}
	n.give(4)
	n.give(2)
	n.give(3)
	take(2)
	take(3)
	n.give(1)
	take(1)
	take(4)
	take(6)
	for _, number := range []int{6, 5, 4, 3, 2, 1} {
		n.give(number)
	}
	for want := 1; want <= 7; want++ {
		take(want)
	}
	for number, name := range map[int]string{1: "guest", 2: "guest2", 12: "guest12"} {
		if guestName(number) != name || guestNumber(name) != number {
			t.Errorf("guest %d is called %s, and %s is number %d", number, guestName(number), name, guestNumber(name))
		}
	}
}
