package order

import "time"

// A Kind says what an [Op] is about.
type Kind uint8

// The kinds of operations. All but Submitted are made by the desk itself.
const (
	Submitted Kind = iota // a replica submitted Data
	Began                 // a new desk, Replica, began its epoch
	Up                    // Replica came up, with the life Life
	Gone                  // Replica is gone, and so is whatever it had in that life
)

// An Op is one operation of the order: every replica applies the same ones, in the order of their numbers.
type Op struct {
	// Number grows by one from operation to operation.
	Number uint64 `json:"n"`
	// Epoch is that of the desk that gave the number. Number and Epoch together are never given twice.
	Epoch uint64 `json:"e"`
	// Time is the order's own clock when the number was given. It does not go back, and no clock on a wall moves it. It
	// starts anew when everything is lost.
	Time time.Duration `json:"t"`
	Kind Kind          `json:"k,omitempty"`
	// Replica is who submitted the operation, or whom it is about.
	Replica string `json:"o,omitempty"`
	// Life tells one stay of a replica from its later ones: it grows when the replica starts again, and when it comes
	// back after it had been declared gone.
	Life uint64 `json:"i,omitempty"`
	// Seq numbers what a replica submits in one epoch.
	Seq uint64 `json:"q,omitempty"`
	// Lost says, of Began, that the replicas that could not be asked may know of operations that this epoch does not.
	Lost bool `json:"x,omitempty"`
	// Speaks is, of Up, the version of what is submitted that Replica understands: see [Options].
	Speaks int `json:"z,omitempty"`
	// Data is what was submitted. It is shared: nobody may change it.
	Data []byte `json:"d,omitempty"`
}

// overhead is what an operation counts for beside its data, in bytes.
const overhead = 96

func (o *Op) size() int { return len(o.Data) + overhead }

// lifeBits is how many bits of a life count the returns of one process; those above count the starts.
const lifeBits = 20

// startOf returns which start of the process life belongs to.
func startOf(life uint64) uint64 { return life >> lifeBits }
