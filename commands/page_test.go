package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"parley/chat"
)

// crowd lets that many guests come, and returns them.
func (s *stage) crowd(size int) []*person {
	people := make([]*person, size)
	for i := range people {
		people[i] = s.guest()
	}
	return people
}

// wants tests what p reads after entering line.
func (p *person) wants(line string, want ...string) {
	p.stage.Helper()
	if got := p.does(line); !slices.Equal(got, want) {
		p.stage.Errorf("%q\n got %d lines:\n%s\nwant %d:\n%s", line, len(got), strings.Join(got, "\n"), len(want),
			strings.Join(want, "\n"))
	}
}

func TestWhoPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, chat.GuestsRegister)
		olga := s.operator("olga")
		names := []string{"olga"}
		come := func(size int) {
			for _, p := range s.crowd(size) {
				names = append(names, p.me.User.Name)
			}
			slices.Sort(names)
		}
		come(499)
		olga.wants("who", "500 users online:", strings.Join(names, " "))
		olga.wants("who 1", "500 users online:", strings.Join(names, " "))
		olga.wants("who 2", "There is no page 2. The last is 1.")

		come(1)
		olga.wants("who", "501 users online:", strings.Join(names[:500], " "), "Page 1 of 2. Next: who 2")
		olga.wants("who 2", "501 users online:", "olga", "Page 2 of 2.")

		come(499)
		g := s.guest() // without an account everybody turns pages, too
		names = append(names, g.me.User.Name)
		slices.Sort(names)
		g.wants("w", "1001 users online:", strings.Join(names[:500], " "), "Page 1 of 3. Next: who 2")
		g.wants("who 2", "1001 users online:", strings.Join(names[500:1000], " "), "Page 2 of 3. Next: who 3")
		g.wants("WHO  3", "1001 users online:", "olga", "Page 3 of 3.")
		g.wants("who 4", "There is no page 4. The last is 3.")
		g.wants("who 0", "Incorrect command format. Usage: who")
		g.wants("who guest7", "111 users online:", strings.Join(slices.DeleteFunc(slices.Clone(names),
			func(name string) bool { return !strings.HasPrefix(name, "guest7") }), " "))

		entries := make([]string, len(names))
		for i, name := range names {
			entries[i] = fmt.Sprintf("%-16s  ::1              idle 0s", name)
		}
		entries[1000] += ", operator"
		page := func(number int, foot string) []string {
			first := 100 * (number - 1)
			return slices.Concat(lines("1001 users online:"), entries[first:min(first+100, len(entries))], lines(foot))
		}
		olga.wants("who -a", page(1, "Page 1 of 11. Next: who -a 2")...)
		olga.wants("who -a 10", page(10, "Page 10 of 11. Next: who -a 11")...)
		olga.wants("who -a 11", page(11, "Page 11 of 11.")...)
		olga.wants("who -a 12", "There is no page 12. The last is 11.")
		for _, tt := range [][3]string{
			{"who -a guest7", "111 users online:", "Page 1 of 2. Next: who -a guest7 2"},
			{"who -a guest7 2", "111 users online:", "Page 2 of 2."},
		} {
			got := olga.does(tt[0])
			if first, last := got[0], got[len(got)-1]; first != tt[1] || last != tt[2] {
				t.Errorf("%q: got %q … %q, want %q … %q", tt[0], first, last, tt[1], tt[2])
			}
		}
		olga.wants("who 3", "1001 users online:", "olga", "Page 3 of 3.")
	})
}

func TestRoomsPages(t *testing.T) {
	s := newStage(t, chat.GuestsChat)
	people := s.crowd(67)
	var rooms []string // as rooms shows them
	start := func(p *person) {
		number := len(rooms) / 3
		p.does(fmt.Sprint("start topic ", number))
		for _, other := range people {
			other.reads()
		}
		rooms = append(rooms, fmt.Sprintf("Room %d, topic: topic %d", number, number),
			"1 Participant(s): "+p.me.User.Name, "")
	}
	for i := range 100 {
		start(people[i/chat.MaxLed])
	}
	g := people[66]
	g.wants("rooms", slices.Concat(lines("100 rooms:", ""), rooms)...)
	g.wants("rooms 2", "There is no page 2. The last is 1.")
	for i := 100; i < 201; i++ {
		start(people[i/chat.MaxLed])
	}
	g.wants("rooms", slices.Concat(lines("201 rooms:", ""), rooms[:300], lines("Page 1 of 3. Next: rooms 2"))...)
	g.wants("rooms 2", slices.Concat(lines("201 rooms:", ""), rooms[300:600], lines("Page 2 of 3. Next: rooms 3"))...)
	g.wants("rooms 3", slices.Concat(lines("201 rooms:", ""), rooms[600:], lines("Page 3 of 3."))...)
	g.wants("rooms 4", "There is no page 4. The last is 3.")
	g.wants("rooms all", "Incorrect command format. Usage: rooms")
}

// TestRoomPages tests how many rooms are on a page, by how many are in them.
func TestRoomPages(t *testing.T) {
	many := func(n, size int) []int { return slices.Repeat([]int{size}, n) }
	users := make([]chat.User, 1000)
	for i := range users {
		users[i].Name = fmt.Sprint("user", i)
	}
	for _, tt := range []struct {
		name  string
		sizes []int
		want  []int // rooms of each page
	}{
		{"none", nil, nil},
		{"one", many(1, 1), []int{1}},
		{"a page of small ones", many(100, 5), []int{100}},
		{"one more", many(101, 1), []int{100, 1}},
		{"middling ones", many(100, 6), []int{83, 17}},
		{"just as many participants", []int{499, 1, 1}, []int{2, 1}},
		{"large ones", []int{1000, 501, 500, 500}, []int{1, 1, 1, 1}},
		{"a large one among small ones", []int{1, 2, 1000, 3, 4}, []int{2, 1, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rooms []chat.Room
			for i, size := range tt.sizes {
				rooms = append(rooms, chat.Room{Number: i, Members: chat.MembersOf(users[:size]...)})
			}
			var got []int
			next := 0
			for _, page := range roomPages(rooms, entriesPerPage) {
				got = append(got, len(page))
				for _, r := range page {
					if r.Number != next {
						t.Errorf("room %d where %d is next", r.Number, next)
					}
					next++
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got pages of %d rooms, want %d", got, tt.want)
			}
		})
	}
}

// BenchmarkWho is the first page of who.
func BenchmarkWho(b *testing.B) {
	for _, size := range []int{10, 1000, 10000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			s := newStage(b, chat.GuestsRegister)
			for range size {
				s.guest()
			}
			c := s.guest().call()
			c.Print = func(string) {}
			b.ReportAllocs()
			for b.Loop() {
				if err := s.registry.Run(b.Context(), c, "who"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestWhoAtConsole tests that who has no pages at the console, where it goes to a pipe or a pager.
func TestWhoAtConsole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, chat.GuestsRegister)
		s.crowd(501)
		for words, want := range map[string]int{"": 2, "-a": 502, "-l": 502, "-a g": 502} {
			var got []string
			c := &Call{Chat: s.node, By: chat.AtConsole(), Print: func(line string) { got = append(got, line) }}
			if err := s.registry.RunWords(t.Context(), c, "who", strings.Fields(words)); err != nil {
				t.Errorf("who %s: %v", words, err)
			}
			if len(got) != want || got[0] != "501 users online:" {
				t.Errorf("who %s: got %d lines, %q first, want %d", words, len(got), got[:1], want)
			}
		}
	})
}

// TestWhoOfFew tests that to list a few in full costs nothing for each of the others, who may be many.
func TestWhoOfFew(t *testing.T) {
	s := newStage(t, chat.GuestsChat)
	people := s.crowd(1000)
	people[0].does("start tea")
	for _, p := range people[1:] {
		p.does("join 0")
	}
	people[0].reads()
	got := people[0].does("who -l guest99")
	if len(got) != 12 || got[0] != "11 users online:" || !strings.Contains(got[1], ", in room 0.") {
		t.Fatalf("got %q", got)
	}
	if n := testing.AllocsPerRun(10, func() {
		if err := s.registry.Run(t.Context(), people[0].call(), "who -l guest99"); err != nil {
			t.Error(err)
		}
	}); n > 500 {
		t.Errorf("%v allocations", n)
	}
}
