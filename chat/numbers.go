package chat

import (
	"container/heap"
	"sort"
	"sync"
)

// numbers hands out the lowest number, from 1, that nobody has. The zero value is ready. Safe for concurrent use.
type numbers struct {
	mu   sync.Mutex // guards all below
	high int        // every number above is free
	free intHeap    // free numbers up to high
}

func (n *numbers) take() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.free.IntSlice) > 0 {
		return heap.Pop(&n.free).(int)
	}
	n.high++
	return n.high
}

func (n *numbers) give(number int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	heap.Push(&n.free, number)
}

type intHeap struct{ sort.IntSlice }

func (h *intHeap) Push(x any) { h.IntSlice = append(h.IntSlice, x.(int)) }

func (h *intHeap) Pop() any {
	last := len(h.IntSlice) - 1
	x := h.IntSlice[last]
	h.IntSlice = h.IntSlice[:last]
	return x
}
