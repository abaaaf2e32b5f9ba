package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var webLine = regexp.MustCompile(`msg=listening address=(\S+) door=web`)

// A cable leads to a server, and can be cut.
type cable struct {
	net.Listener
	running sync.WaitGroup

	mu    sync.Mutex // guards conns
	conns []net.Conn
}

// layCable returns a cable to an address. It is taken up when the test ends.
func layCable(t *testing.T, to string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{Listener: l}
	c.running.Go(func() { // until the listener is closed
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			other, err := net.Dial("tcp", to)
			if err != nil {
				nc.Close()
				continue
			}
			c.mu.Lock()
			c.conns = append(c.conns, nc, other)
			c.mu.Unlock()
			for _, ends := range [][2]net.Conn{{nc, other}, {other, nc}} {
				c.running.Go(func() { // until an end is closed
					_, _ = io.Copy(ends[0], ends[1])
					ends[0].Close()
				})
			}
		}
	})
	t.Cleanup(func() {
		l.Close()
		c.cut()
		c.running.Wait()
	})
	return c
}

// cut ends all connections, as a network that fails.
func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, nc := range c.conns {
		if tcp, ok := nc.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset, and no end
		}
		nc.Close()
	}
	c.conns = nil
}

// A tab is a page in a browser.
type tab struct {
	t    *testing.T
	ctx  context.Context
	name string
}

func (p *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		seen, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText`))
		p.picture("failed")
		p.t.Fatalf("%s: %v\n%s", p.name, err, seen)
	}
}

// sees waits until an expression of JavaScript is true.
func (p *tab) sees(expression string) {
	p.t.Helper()
	p.run(chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(50*time.Millisecond),
		chromedp.WithPollingTimeout(20*time.Second)))
}

// holds waits until an element has a text.
func (p *tab) holds(selector, text string) {
	p.t.Helper()
	s, _ := json.Marshal(selector)
	want, _ := json.Marshal(text)
	p.sees(`document.querySelector(` + string(s) + `)?.innerText.replace(/\u00a0/g, " ").includes(` +
		string(want) + `)`)
}

// enters types a line into the field of the reading view.
func (p *tab) enters(text string) {
	p.t.Helper()
	p.run(chromedp.SendKeys(chromedp.CSS("#line"), text+"\r"))
}

// types types at the terminal.
func (p *tab) types(keys string) {
	p.t.Helper()
	p.run(chromedp.SendKeys(chromedp.CSS(".xterm-helper-textarea"), keys))
}

// picture keeps a picture of the page for somebody to look at, in the folder PARLEY_PICTURES.
func (p *tab) picture(name string) {
	dir := os.Getenv("PARLEY_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, p.name+"-"+name+".png"), png, 0o644); err != nil {
		p.t.Error(err)
	}
}

// isAccessible tests the page with axe-core.
func (p *tab) isAccessible() {
	p.t.Helper()
	axe, err := os.ReadFile("../../web/testdata/axe/axe.min.js")
	if err != nil {
		p.t.Fatal(err)
	}
	there, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`"axe" in window`))
	if err != nil {
		p.t.Fatal(err)
	}
	if !there {
		p.run(chromedp.Evaluate[chromedp.Void](string(axe) + "; null"))
	}
	found, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](
		`axe.run({ resultTypes: ["violations"] }).then(r =>
			r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html).join(" ")).join("\n"))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(err)
	}
	if found != "" {
		p.t.Errorf("%s: %s", p.name, found)
	}
}

// TestBrowser lets a real browser come, in both views, on a phone, and over a network that fails.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes a while")
	}
	path := need(t, "chromium", "chromium")
	server := startProcess(t, t.TempDir(), "--web-listen", "127.0.0.1:0")
	server.logged(0, "door=web")
	to := webLine.FindStringSubmatch(server.log.String())[1]
	wire := layCable(t, to)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)...)
	defer stop()
	browser, stop := chromedp.NewContext(allocator)
	defer stop()
	if err := chromedp.Do(browser); err != nil {
		t.Fatal(err)
	}
	open := func(name, address string, before ...chromedp.Action[chromedp.Void]) *tab {
		t.Helper()
		ctx, cancel := chromedp.NewContext(browser)
		t.Cleanup(cancel)
		if err := chromedp.Do(ctx); err != nil { // without a time, which would be that of the page
			t.Fatal(err)
		}
		p := &tab{t: t, ctx: ctx, name: name}
		p.run(append(before, chromedp.Navigate(address))...)
		return p
	}

	alice := open("alice", "http://"+wire.Addr().String()+"/?view=log")
	alice.holds("#prompt", "Enter your username")
	for _, line := range []string{"guest", "register alice s3cret-word", "register bob hunter22-word"} {
		alice.enters(line)
	}
	alice.holds("#log", "User bob registered")
	alice.enters("login alice")
	alice.sees(`document.getElementById("line").type === "password"`)
	alice.enters("s3cret-word")
	alice.holds("#log", "Last login")
	alice.holds("#prompt", "Type here")
	alice.sees(`document.getElementById("line").type === "text"`)
	alice.isAccessible()

	bob := open("bob", "http://"+to+"/?view=terminal&user=bob")
	bob.holds(".xterm-rows", "Enter your username: bob")
	bob.types("\r")
	bob.holds(".xterm-rows", "Enter your password")
	bob.types("hunter22-word\r")
	bob.holds(".xterm-rows", "<bob:")
	bob.isAccessible()

	alice.enters("shout Hello from the page")
	bob.holds(".xterm-rows", "Hello from the page")
	// A screen reader says again what was said, and the focus stays.
	alice.holds("#log p:last-child", "Shout: alice: Hello from the page")
	for digit, want := range []string{"", "Shout: alice: Hello from the page", "shout Hello from the page"} {
		if want == "" {
			continue
		}
		alice.run(chromedp.Evaluate[chromedp.Void](`document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
			{ code: "Digit` + strconv.Itoa(digit) + `", altKey: true, bubbles: true, cancelable: true })); null`))
		alice.sees(`document.getElementById("again-heard").textContent === ` + strconv.Quote(want) +
			` && document.activeElement.id === "line"`)
	}
	// A phone that lets no page notify by itself shows what was said all the same.
	alice.run(chromedp.Evaluate[chromedp.Void](`Object.defineProperty(document, "hidden", { value: true });
		window.Notification = class { static permission = "granted"; constructor() { throw new TypeError("no"); } };
		null`))
	bob.types("tell alice see https://example.org/x.\r")
	alice.holds("#log .near a", "https://example.org/x")
	alice.sees(`document.title.startsWith("(1) ")`)
	alice.picture("light")
	bob.picture("light")

	// A window that changes, and a page that is left in the middle of a line.
	bob.run(chromedp.EmulateViewport(420, 500))
	bob.sees(`document.querySelector(".xterm-rows").childElementCount < 30`)
	bob.types("shout half-typ")
	bob.holds(".xterm-rows", "half-typ")
	bob.run(chromedp.Reload())
	bob.holds(".xterm-rows", "Enter your username: bob")
	bob.types("\r")
	bob.holds(".xterm-rows", "Enter your password")
	bob.types("hunter22-word\r")
	// It is in the line again, or, where the page had not said yet that it sends keys, it is told.
	const rows = `document.querySelector(".xterm-rows").innerText.replace(/\u00a0/g, " ")`
	bob.sees(`/<bob:\d+> shout half-typ|You had typed, and not entered/.test(` + rows + `)`)
	again, err := chromedp.Run(bob.ctx, chromedp.Evaluate[bool](`/<bob:\d+> shout half-typ/.test(`+rows+`)`))
	if err != nil {
		t.Fatal(err)
	}
	bob.types(map[bool]string{true: "ed\r", false: "shout half-typed\r"}[again])
	alice.holds("#log", "half-typed")

	// The network fails: the page comes again by itself, and logs in.
	wire.cut()
	alice.sees(`document.getElementById("state").textContent.includes("Trying again")`)
	alice.sees(`document.getElementById("state").textContent === "Connected"`)
	alice.sees(`document.querySelectorAll("#log p:last-child")[0].innerText.length > 0 &&
		(document.getElementById("log").innerText.match(/You are back|Last login/g) ?? []).length > 1`)
	alice.enters("shout Back again")
	bob.holds(".xterm-rows", "Back again")

	dark := chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
		return err
	})
	alice.run(dark)
	bob.run(dark)
	for _, p := range []*tab{alice, bob} {
		p.isAccessible()
		p.picture("dark")
	}
	// 400 % of 1280 columns and 1024 rows: nothing has to be scrolled sideways.
	alice.run(chromedp.EmulateViewport(320, 256))
	alice.sees(`document.documentElement.scrollWidth <= 320`)
	alice.picture("zoomed")

	// A row of the server's, which has 40 columns at least, is one of the narrowest page's too.
	narrow := open("narrow", "http://"+to+"/?view=terminal", chromedp.EmulateViewport(320, 640))
	for _, row := range []string{"-=-= AUTHORIZED USERS ONLY =-=-", "By going on you agree to use this server"} {
		narrow.sees(`[...document.querySelectorAll(".xterm-rows > div")].some((row) =>
			row.textContent.replaceAll("\u00a0", " ").trimEnd() === "` + row + `")`)
	}
	narrow.picture("narrow-terminal")
	phone := open("phone", "http://"+to+"/", chromedp.EmulateViewport(360, 640, chromedp.EmulateMobile,
		chromedp.EmulateTouch))
	phone.holds("#prompt", "Enter your username")
	phone.enters("guest")
	phone.holds("#log", "You are logged in as a guest")
	phone.isAccessible()
	phone.picture("light")
	// A link moves a session to the page that opens it, where another one may be open, and goes from the address bar.
	alice.enters("link")
	alice.holds("#log", "/#link=")
	code, err := chromedp.Run(alice.ctx, chromedp.Evaluate[string](
		`document.getElementById("log").innerText.match(/#link=[0-9A-Z-]{14}/)[0]`))
	if err != nil {
		t.Fatal(err)
	}
	phone.run(chromedp.Evaluate[chromedp.Void](`location.hash = ` + strconv.Quote(code) + `; null`))
	phone.holds("#log", "Last login")
	phone.sees(`location.hash === "" && !location.href.includes("#")`)
	phone.enters("shout From the phone")
	bob.holds(".xterm-rows", "!!alice!!: From the phone")
	alice.sees(`!document.getElementById("again").hidden`)
	phone.enters("quit")
	phone.sees(`!document.getElementById("again").hidden`)
	phone.run(chromedp.Click(chromedp.CSS("#other"))) // the terminal, by touch
	phone.holds(".xterm-rows", "Enter your username")
	// What is shown before the server does it is letters, and no sequences.
	echoed, err := chromedp.Run(phone.ctx, chromedp.Evaluate[int](`import("./terminal.js").then(({ Screen }) => {
		const screen = new Screen({ send() {}, near() {}, ready() {} });
		screen.begin("", "");
		screen.key("a\x1b[A\x1bOB\x1b[200~b\x1b[201~\x1b");
		return screen.echoed;
	})`, chromedp.EvalAwaitPromise))
	if err != nil || echoed != 2 {
		t.Errorf("%d letters are shown, %v", echoed, err)
	}
	// Who changes the view back before the other is there has one connection.
	phone.run(chromedp.Evaluate[chromedp.Void](`window.made = [];
		window.WebSocket = class extends WebSocket { constructor(...to) { super(...to); made.push(this); } };
		for (let i = 0; i < 2; i++) document.getElementById("other").click(); null`))
	phone.sees(`made.length === 2 && made.filter((each) => each.readyState < WebSocket.CLOSING).length === 1`)
	// Who was sent away, or has left, has to log in again by typing: somebody else may sit there.
	alice.run(chromedp.Click(chromedp.CSS("#again")))
	alice.holds("#prompt", "Enter your username")
	for _, is := range []struct{ event, state string }{
		{"offline", "This device is offline."}, {"online", "Connected"},
	} {
		alice.run(chromedp.Evaluate[chromedp.Void](`window.dispatchEvent(new Event("` + is.event + `")); null`))
		alice.sees(`document.getElementById("state").textContent === "` + is.state + `"`)
	}
	bob.types("start Lobby\r")
	bob.holds(".xterm-rows", "Lobby")
	room := open("room", "http://"+to+"/?view=log&room=0&user=alice")
	room.holds("#prompt", "Enter your username")
	room.enters("")
	room.holds("#prompt", "Enter your password")
	room.enters("s3cret-word")
	room.holds("#log", "join 0")
	bob.holds(".xterm-rows", "alice")
	if code := server.stop(); code != 0 {
		t.Errorf("the server ended with %d", code)
	}
	alice.sees(`document.getElementById("state").textContent.includes("Trying again")`)
}
