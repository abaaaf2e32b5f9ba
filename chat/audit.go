package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"parley/chat/record"
)

// MaxAudit is how many deeds of operators are kept: the newest.
const MaxAudit = 10_000

const auditBucket = "audit"

// A Deed is something that an operator did, as the audit log keeps it.
type Deed struct {
	// Time is when it was done, by the clock on the wall.
	Time time.Time `json:"time"`
	// By is the operator's name, or Console.
	By string `json:"by"`
	// Action is the word for it, such as "ban".
	Action string `json:"action"`
	// Target is the user, address or network it was done to; empty if it concerned all.
	Target string `json:"target,omitempty"`
	// For is how long it was to last. Zero means without end, or that it has none.
	For time.Duration `json:"for,omitempty"`
	// Reason is why; for an announcement it is the text.
	Reason Text `json:"reason,omitzero"`

	stands bool // it is done, although not all could be told
}

// An auditLog numbers the deeds, so that their keys sort by time whatever the clock on the wall does. It belongs to who
// holds the node's turn to operate.
type auditLog struct {
	next uint64 // number of the next deed; zero before the log was read
}

func auditKey(number uint64) string { return fmt.Sprintf("%020d", number) }

// record writes d at the end of the log, and takes away what is too old.
func (l *auditLog) record(ctx context.Context, store Store, d Deed) error {
	value, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode deed: %w", err)
	}
	for range maxRetries {
		if l.next == 0 {
			if l.next, err = afterLast(ctx, store); err != nil {
				return err
			}
		}
		number := l.next
		l.next++
		_, err = store.Put(ctx, auditBucket, auditKey(number), value, 0)
		if errors.Is(err, ErrConflict) {
			l.next = 0 // other nodes have written, one deed or many
			continue
		}
		if err == nil && number > MaxAudit {
			err = record.Remove(ctx, store, auditBucket, auditKey(number-MaxAudit))
		}
		break
	}
	return record.WriteError(auditBucket, "", err)
}

// afterLast returns the number after that of the newest deed.
func afterLast(ctx context.Context, store Store) (uint64, error) {
	var last uint64
	for r, err := range store.List(ctx, auditBucket) {
		if err != nil {
			return 0, fmt.Errorf("read the audit log: %w", err)
		}
		if _, err := fmt.Sscanf(r.Key, "%d", &last); err != nil {
			return 0, fmt.Errorf("read the audit log: key %q: %w", r.Key, err)
		}
	}
	return last + 1, nil
}

// Audit returns the newest deeds of operators, at most limit of them, the oldest first. A limit of zero or less means
// all.
func (n *Node) Audit(ctx context.Context, limit int) ([]Deed, error) {
	var deeds []Deed
	for r, err := range n.store.List(ctx, auditBucket) {
		var d Deed
		if err == nil {
			err = json.Unmarshal(r.Value, &d)
		}
		if err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		deeds = append(deeds, d)
	}
	if limit > 0 && len(deeds) > limit {
		deeds = slices.Clone(deeds[len(deeds)-limit:])
	}
	return deeds, nil
}
