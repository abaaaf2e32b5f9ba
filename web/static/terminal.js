// The terminal view: what the server shows to terminals, by xterm.js.

import { Terminal } from "./xterm/xterm.mjs";
import { FitAddon } from "./xterm/addon-fit.mjs";
import { WebLinksAddon } from "./xterm/addon-web-links.mjs";
import { Unicode11Addon } from "./xterm/addon-unicode11.mjs";
import { Telnet } from "./telnet.js";

const place = document.getElementById("terminal");
const dark = { background: "#101214", foreground: "#e6e7e3", cursor: "#5fc7b3", selectionBackground: "#35524c" };
const light = {
	background: "#fdfdfb", foreground: "#1b1d1f", cursor: "#0b5f53", selectionBackground: "#b9dcd5", black: "#1b1d1f",
	red: "#a4161a", green: "#1d6b2f", yellow: "#7a5600", blue: "#1c4fa0", magenta: "#8a2089", cyan: "#0b6470",
	white: "#55595c", brightBlack: "#55595c", brightRed: "#a4161a", brightGreen: "#1d6b2f", brightYellow: "#7a5600",
	brightBlue: "#1c4fa0", brightMagenta: "#8a2089", brightCyan: "#0b6470", brightWhite: "#1b1d1f",
};
const isDark = matchMedia("(prefers-color-scheme: dark)");

// A Screen calls back: send(bytes), near(text) when the bell rings, and ready() at the first prompt of who is logged in.
export class Screen {
	constructor({ send, near, ready }) {
		Object.assign(this, { send, near, ready });
		this.terminal = new Terminal({
			allowProposedApi: true, convertEol: false, scrollback: 5000, fontSize: 16, screenReaderMode: true,
			fontFamily: "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace", minimumContrastRatio: 4.5,
		});
		this.fit = new FitAddon();
		this.terminal.loadAddon(this.fit);
		this.terminal.loadAddon(new WebLinksAddon());
		this.terminal.loadAddon(new Unicode11Addon());
		this.terminal.unicode.activeVersion = "11";
		this.colour();
		isDark.addEventListener("change", () => this.colour());
		this.terminal.open(place);
		this.terminal.textarea?.setAttribute("aria-label", "Type here");
		this.terminal.onData((text) => this.key(text));
		this.terminal.onBinary((text) => this.telnet?.type(text));
		this.terminal.onBell(() => this.near(""));
		this.terminal.onResize(() => this.telnet?.resized());
		new ResizeObserver(() => this.fits()).observe(place);
		this.fits();
	}

	colour() {
		this.terminal.options.theme = isDark.matches ? dark : light;
		place.style.background = this.terminal.options.theme.background;
	}

	// fits makes the terminal as large as its place. Letters are as small as 40 columns take, for the server has no rows
	// that are shorter.
	fits() {
		const width = place.clientWidth;
		if (width === 0 || place.clientHeight === 0) return;
		if (width !== this.width) {
			this.width = width;
			for (let size = 16; size >= 9; size--) {
				this.terminal.options.fontSize = size;
				if (this.fit.proposeDimensions()?.cols >= 40) break;
			}
		}
		this.fit.fit();
	}

	// begin makes ready for a new connection, at which a name is filled in, or which a code moves a session to.
	begin(name, code) {
		this.tail = "";
		this.echoed = 0;
		this.answer = code ? code + "\r" : name;
		this.isReady = false;
		this.telnet = new Telnet({
			names: ["XTERM-256COLOR"],
			keys: true,
			size: () => ({ columns: this.terminal.cols, rows: this.terminal.rows }),
			text: (bytes) => this.text(bytes),
			prompt: () => {},
			secret: () => {},
			send: this.send,
		});
	}

	receive(bytes) { this.telnet.receive(bytes); }

	text(bytes) {
		this.terminal.write(bytes);
		if (this.isReady) return;
		this.tail = (this.tail + new TextDecoder().decode(bytes)).slice(-200);
		if (this.answer && /username: ?(?:\x1b\[[\d;?]*[A-Za-z])*$/i.test(this.tail)) {
			this.key(this.answer);
			this.answer = "";
		}
		if (/<[^<>\s]+:\d+> ?(?:\x1b\[[\d;?]*[A-Za-z])*$/.test(this.tail)) {
			this.isReady = true;
			this.ready();
		}
	}

	type(text) { this.key(text + "\r"); }

	key(text) {
		if (!this.telnet) return;
		if (!this.telnet.echoes) this.echo(text);
		this.telnet.type(text);
	}

	// echo shows what is typed while the server does not: on a slow line it begins before it knows what this terminal is.
	// Of keys that send a sequence, and of what the terminal answers by itself, nothing is shown.
	echo(text) {
		// eslint-disable-next-line no-control-regex
		for (const c of text.replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)?/g, "")) {
			if (c === "\r") {
				this.terminal.write("\r\n");
				this.echoed = 0;
			} else if (c === "\x7f" && this.echoed > 0) {
				this.terminal.write("\b \b");
				this.echoed--;
			} else if (c >= " " && c !== "\x7f") {
				this.terminal.write(c);
				this.echoed++;
			}
		}
	}

	focus() { this.terminal.focus(); }
}
