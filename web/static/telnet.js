// The client's side of telnet (RFC 854), as far as this page needs it: the server speaks it with all its clients alike.

const IAC = 255, DONT = 254, DO = 253, WONT = 252, WILL = 251, SB = 250, SE = 240, GA = 249, EOR = 239;
const ECHO = 1, SGA = 3, TTYPE = 24, EOR_OPTION = 25, NAWS = 31;

// A Telnet takes apart what the server sends, and calls back:
//   text(bytes)     text, with control characters
//   prompt()        the text before was a prompt
//   secret(is)      what is typed now is a secret, or not any more; only where keys is not set
//   send(bytes)     to be sent
// names are told when the connection is there; keys says that every key is sent at once, and shown by the server.
export class Telnet {
	constructor({ names, keys, size, text, prompt, secret, send }) {
		Object.assign(this, { names, keys, size, text, prompt, secret, sendBytes: send });
		this.state = "text";
		this.ours = new Set();
		this.theirs = new Set();
		this.echoes = false; // the server shows what is typed
	}

	// open tells the names before the server asks (RFC 1091), and what else it would ask for: on a slow line the answers
	// to its questions come too late. All of it is one message, for the server greets as soon as it knows the first of it.
	open() {
		this.ours.add(TTYPE);
		const told = [IAC, WILL, TTYPE];
		for (const name of this.names) told.push(IAC, SB, TTYPE, 0, ...new TextEncoder().encode(name), IAC, SE);
		if (this.keys) {
			for (const option of [ECHO, SGA]) {
				this.theirs.add(option);
				told.push(IAC, DO, option);
			}
			this.ours.add(NAWS);
			told.push(IAC, WILL, NAWS, ...this.windowSize());
		}
		this.sendBytes(Uint8Array.from(told));
	}

	receive(bytes) {
		let text = [];
		const flush = () => {
			if (text.length > 0) {
				this.text(Uint8Array.from(text));
				text = [];
			}
		};
		for (const b of bytes) {
			switch (this.state) {
			case "text":
				if (b === IAC) this.state = "command";
				else text.push(b);
				break;
			case "command":
				if (b === IAC) {
					text.push(b);
					this.state = "text";
				} else if (b >= WILL && b <= DONT) {
					this.verb = b;
					this.state = "option";
				} else if (b === SB) {
					this.state = "data";
				} else {
					this.state = "text";
					if (b === GA || b === EOR) {
						flush();
						this.prompt();
					}
				}
				break;
			case "option":
				flush();
				this.state = "text";
				this.negotiate(this.verb, b);
				break;
			case "data":
				if (b === IAC) this.state = "data command";
				break;
			case "data command":
				if (b === SE) {
					this.state = "text"; // a question for a name: all are told
				} else {
					this.state = "data";
				}
			}
		}
		flush();
	}

	// negotiate agrees to what this page can do, and answers only what changes something (RFC 1143).
	negotiate(verb, option) {
		if (verb === WILL || verb === WONT) {
			if (option === ECHO) this.echoes = verb === WILL; // which the server may not do yet, though it was asked
			const known = option === ECHO || option === SGA && this.keys || option === EOR_OPTION;
			const is = verb === WILL && known, was = this.theirs.has(option);
			if (is === was && (verb === WONT || known)) return;
			if (is) this.theirs.add(option);
			else this.theirs.delete(option);
			this.command(is ? DO : DONT, option);
			if (option === ECHO && !this.keys) this.secret(is);
			return;
		}
		const known = option === TTYPE || option === NAWS && this.keys;
		const is = verb === DO && known, was = this.ours.has(option);
		if (is === was && (verb === DONT || known)) return;
		if (is) this.ours.add(option);
		else this.ours.delete(option);
		this.command(is ? WILL : WONT, option);
		if (is && option === NAWS) this.resized();
	}

	command(verb, option) {
		this.sendBytes(Uint8Array.from([IAC, verb, option]));
	}

	// resized tells the new size of the window.
	resized() {
		if (this.ours.has(NAWS)) this.sendBytes(Uint8Array.from(this.windowSize()));
	}

	// windowSize returns what tells the size of the window (RFC 1073).
	windowSize() {
		const { columns, rows } = this.size();
		const bytes = [columns >> 8, columns & 255, rows >> 8, rows & 255].flatMap((b) => b === IAC ? [b, b] : [b]);
		return [IAC, SB, NAWS, ...bytes, IAC, SE];
	}

	// type sends text. UTF-8 has no byte that would have to be doubled. A message may have 4 KiB.
	type(text) {
		const bytes = new TextEncoder().encode(text);
		for (let i = 0; i < bytes.length; i += 4000) this.sendBytes(bytes.subarray(i, i + 4000));
	}
}
