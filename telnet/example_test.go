package telnet_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"time"

	gotelnet "github.com/reiver/go-telnet"

	"parley/doors"
	"parley/telnet"
)

// greeter greets everybody who tells a name.
type greeter struct{}

func (greeter) ServeTELNET(_ gotelnet.Context, w gotelnet.Writer, r gotelnet.Reader) {
	c := telnet.Bare(w, r)
	fmt.Fprintln(c, "Welcome.")
	if err := c.Settle(300 * time.Millisecond); err != nil {
		return
	}
	c.WritePrompt([]byte("Your name: "))
	lines := bufio.NewScanner(c)
	if lines.Scan() {
		fmt.Fprintf(c, "Hello, %s.\n", lines.Text())
	}
}

func ExampleHandle() {
	l, err := doors.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := new(doors.Server)
	door := doors.Door{Handle: telnet.Handle(greeter{}, nil, nil)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l, door) }()

	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Fprintln(client, "Alice")
	said, err := io.ReadAll(client)
	fmt.Printf("%q %v\n", said, err)
	client.Close()

	fmt.Println(server.Shutdown(context.Background()))
	fmt.Println(<-served)
	// Output:
	// "\xff\xfd\x18\rWelcome.\r\nYour name: Hello, Alice.\r\n" <nil>
	// <nil>
	// doors: server closed
}
