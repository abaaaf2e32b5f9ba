//go:build linux

package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Accounts are called accountName0, accountName1 and so on.
const (
	accountName = "bench"
	password    = "a password of the bench"
)

// enroll makes n accounts in the data folder of a server that does not run yet. The program under test hashes their
// password once, as it would for anybody, and takes the other accounts in as an import.
func enroll(ctx context.Context, program, data string, n int) error {
	operate := func(input []byte, args ...string) ([]byte, error) {
		c := command(ctx, program, append(args, "--data="+data)...)
		c.Stdin = bytes.NewReader(input)
		var complaint bytes.Buffer
		c.Stderr = &complaint
		output, err := c.Output()
		if err != nil {
			return nil, fmt.Errorf("make accounts: parley %s: %w: %s", args[0], err, bytes.TrimSpace(complaint.Bytes()))
		}
		return output, nil
	}
	if _, err := operate([]byte(password+"\n"), "user", "add", accountName+"0"); err != nil {
		return err
	}
	one, err := operate(nil, "export")
	if err != nil {
		return err
	}
	many, err := multiply(one, n)
	if err != nil {
		return fmt.Errorf("make accounts: %w", err)
	}
	_, err = operate(many, "import")
	return err
}

// multiply returns an export of n accounts that are like the only one in the given export but for their names. See
// chat.Node.Export for the form.
func multiply(export []byte, n int) ([]byte, error) {
	lines := bytes.SplitAfter(export, []byte("\n"))
	if len(lines) < 2 {
		return nil, fmt.Errorf("the export has %d lines", len(lines))
	}
	account := make(map[string]json.RawMessage)
	if err := json.Unmarshal(lines[1], &account); err != nil {
		return nil, fmt.Errorf("read the account: %w", err)
	}
	many := slices.Clone(lines[0])
	for i := range n {
		account["name"] = json.RawMessage(strconv.Quote(accountName + strconv.Itoa(i)))
		line, err := json.Marshal(account)
		if err != nil {
			return nil, err
		}
		many = append(append(many, line...), '\n')
	}
	sum := sha256.Sum256(many)
	return fmt.Appendf(many, "{\"accounts\":%d,\"sha256\":%q}\n", n, hex.EncodeToString(sum[:])), nil
}
