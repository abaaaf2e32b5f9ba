package session

import (
	"io"
	"runtime/debug"
	"sync"
	"unicode/utf8"

	"github.com/chzyer/readline"
)

// A library is one running instance of github.com/chzyer/readline. It has three goroutines: one reads keys, one edits, and one
// of ours waits for lines; close ends them.
//
// The instance draws nothing, reads nothing but what press, put and enter hand it one key at a time, and gets no key
// but printable runes and a dozen editing keys that were found harmless. Each call waits until the instance has
// told its listener that the key is done, so only one side at a time touches what they share.
type library struct {
	keys  chan rune     // what the instance reads
	done  chan struct{} // a key has been processed
	lines chan string   // what Readline returned; closed at the end of file
	fault *fault        // what run died of; to be looked at when lines is closed

	line   []rune // as the instance has it
	cursor int    // in runes
	// next takes the place of the line at the next key, if it is not nil. It is the instance's afterwards.
	next []rune
}

// settings returns what all instances have in common.
var settings = sync.OnceValue(func() *readline.Config {
	config := &readline.Config{
		Stdin:                  new(library),
		Stdout:                 io.Discard,
		Stderr:                 io.Discard,
		HistoryLimit:           -1,
		DisableAutoSaveHistory: true,
		Painter:                painter{},
		// Not being a terminal it does not draw: drawing is slow, and loops for ever in narrow windows.
		FuncIsTerminal:     func() bool { return false },
		FuncGetWidth:       func() int { return 80 },
		FuncMakeRaw:        func() error { return nil },
		FuncExitRaw:        func() error { return nil },
		FuncOnWidthChanged: func(func()) {},
	}
	// Init wraps Stdin in something that adds a goroutine, which lives until it is closed and which nobody can wait for. A
	// clone is not initialized again, so that none of them has it.
	if err := config.Init(); err != nil {
		panic(err) // it has nothing that could fail
	}
	config.Stdin.Close()
	return config
})

type painter struct{}

func (painter) Paint(line []rune, _ int) []rune { return line }

func newLibrary() *library {
	l := &library{keys: make(chan rune), done: make(chan struct{}), lines: make(chan string)}
	config := settings().Clone()
	config.Stdin = l
	config.Listener = l
	instance, err := readline.NewEx(config)
	if err != nil {
		panic(err) // the error is that of Init
	}
	go l.run(instance) // until stop, which waits for it
	return l
}

// run waits for lines. An instance must be at the end of file before it is closed, or it hangs or leaves a goroutine behind.
func (l *library) run(instance *readline.Instance) {
	defer close(l.lines)
	defer func() {
		if v := recover(); v != nil {
			l.fault = &fault{v, debug.Stack()}
		}
	}()
	for {
		line, err := instance.Readline()
		if err != nil {
			instance.Close()
			return
		}
		l.lines <- line
	}
}

// press hands over one key, and returns the line and the cursor, in bytes, when the instance has processed it.
func (l *library) press(key rune) (line string, cursor int) {
	l.keys <- key
	<-l.done
	return string(l.line), len(string(l.line[:l.cursor]))
}

// put replaces the line, by a key that does nothing else.
func (l *library) put(line string, cursor int) (string, int) {
	l.next = append(make([]rune, 0, len(line)), []rune(line)...)
	l.cursor = utf8.RuneCountInString(line[:cursor])
	return l.press(readline.CharBell)
}

// enter ends the line and returns it. A panic of who waited for the line goes on here, where it ends the session.
func (l *library) enter() string {
	l.keys <- readline.CharEnter
	line := <-l.lines
	if l.fault != nil {
		panic(l.fault)
	}
	return line
}

// stop ends the instance, in whatever state it is, and waits for its goroutines.
func (l *library) stop() {
	close(l.keys)
	for range l.lines { // at the end of file the instance returns what stands in the line first
	}
}

// OnChange is called by the instance after each key, and with key 0 when it begins to wait for a line.
func (l *library) OnChange(line []rune, cursor int, key rune) ([]rune, int, bool) {
	if key == 0 || key == readline.CharEnter {
		return nil, 0, false
	}
	next := l.next
	if l.next = nil; next != nil {
		l.line = append(l.line[:0], next...)
	} else {
		l.line, l.cursor = line, cursor
	}
	cursor = l.cursor
	l.done <- struct{}{}
	return next, cursor, next != nil
}

// Read is the instance's keyboard. One key at a time, so that it holds nothing that was typed ahead.
func (l *library) Read(p []byte) (int, error) {
	key, ok := <-l.keys
	if !ok {
		return 0, io.EOF
	}
	return utf8.EncodeRune(p, key), nil
}

// Close does nothing: the instance calls it when it has seen the end of file.
func (l *library) Close() error { return nil }
