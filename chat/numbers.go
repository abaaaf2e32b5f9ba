package chat

import (
	"container/heap"
	"sort"
)

// maxGuestNumber is more than guests there will ever be at a time.
const maxGuestNumber = 1 << 20

// numbers hands out the lowest number, from 1, that nobody has. The zero value is ready. Not safe for concurrent use.
type numbers struct {
	high  int            // every number above is free
	free  intHeap        // free numbers up to high
	taken map[int]string // by whom: the name of a node
}

// take takes the lowest free number for the node of that name.
func (n *numbers) take(node string) int {
	number := n.high + 1
	if len(n.free.IntSlice) > 0 {
		number = heap.Pop(&n.free).(int)
	} else {
		n.high++
	}
	if n.taken == nil {
		n.taken = make(map[int]string)
	}
	n.taken[number] = node
	return number
}

// give makes a number free that was taken.
func (n *numbers) give(number int) {
	if _, taken := n.taken[number]; taken {
		delete(n.taken, number)
		heap.Push(&n.free, number)
	}
}

// giveAll makes free what the node of that name has taken.
func (n *numbers) giveAll(node string) {
	for number, by := range n.taken {
		if by == node {
			n.give(number)
		}
	}
}

// restore makes the numbers those that are taken.
func (n *numbers) restore(taken map[int]string) {
	*n = numbers{taken: taken}
	for number := range taken {
		n.high = max(n.high, number)
	}
	for number := 1; number < n.high; number++ {
		if _, there := taken[number]; !there {
			n.free.IntSlice = append(n.free.IntSlice, number) // sorted, and so a heap
		}
	}
}

type intHeap struct{ sort.IntSlice }

func (h *intHeap) Push(x any) { h.IntSlice = append(h.IntSlice, x.(int)) }

func (h *intHeap) Pop() any {
	last := len(h.IntSlice) - 1
	x := h.IntSlice[last]
	h.IntSlice = h.IntSlice[:last]
	return x
}
