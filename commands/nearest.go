package commands

import "strings"

// nearest returns the command that word may be a slip of the fingers for, or nil if none is near.
func (t *table) nearest(word string) *Command {
	word = strings.ToLower(word)
	var best *Command
	least := max(1, min(2, len(word)/2)) + 1
	for _, c := range t.commands {
		if d := distance(word, c.Name); d < least && len(c.Name) > 1 && (d == 1 || !c.Extra) {
			best, least = c, d
		}
	}
	return best
}

// distance returns how many letters must be put in, left out, replaced or swapped with their neighbour to make b of a:
// the optimal string alignment distance.
func distance(a, b string) int {
	if len(a) > 2*len(b)+2 {
		return len(a)
	}
	var room [3][24]int // on the stack: names of commands are short, and each word that is none comes here
	before, last, row := room[0][:], room[1][:], room[2][:]
	if len(b) >= len(row) {
		before, last, row = make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	}
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
