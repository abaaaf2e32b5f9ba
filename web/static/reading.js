// The reading view: a log of whole lines, and a field to type into. The server has the form for screen readers on.

import { Telnet } from "./telnet.js";

const MOST = 2000; // lines that are kept
const log = document.getElementById("log"), form = document.getElementById("form");
const line = document.getElementById("line"), label = document.getElementById("prompt");
const newest = document.getElementById("newest"), heard = document.getElementById("again-heard");

const ADDRESS = /\bhttps?:\/\/[^\s<>"]+[^\s<>"'.,;:!?)\]}]/g;
const NEAR = /^(?:Mention|Tell): /;

// A Reading view calls back: send(bytes), near(text) for what concerns its user, and ready() at the first prompt of
// who is logged in.
export class Reading {
	constructor({ send, near, ready }) {
		Object.assign(this, { send, near, ready });
		this.login = []; // what was answered to the prompts of the last login, for the next connection of this page
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.enter();
		});
		line.addEventListener("keydown", (event) => this.key(event));
		document.addEventListener("keydown", (event) => this.again(event));
		newest.addEventListener("click", () => this.toEnd());
		log.addEventListener("scroll", () => { newest.hidden = this.atEnd(); });
		this.typed = [];
		this.at = 0;
	}

	// begin makes ready for a new connection, which a code moves a session to, if there is one.
	begin(name, code) {
		clearTimeout(this.late);
		clearTimeout(this.quiet);
		this.decoder = new TextDecoder();
		this.unfinished = "";
		if (code) this.login = [];
		this.replay = [...this.login];
		this.code = code;
		this.linked = Boolean(code);
		this.answers = [];
		this.wished = name;
		this.isReady = false;
		this.last = "";
		this.secret(false);
		this.telnet = new Telnet({
			names: ["Parley-Page", "ANSI", "MTTS 68"], // UTF-8, and a screen reader
			keys: false,
			text: (bytes) => this.text(this.decoder.decode(bytes, { stream: true })),
			prompt: () => this.prompt(),
			secret: (is) => this.secret(is),
			send: this.send,
		});
	}

	// forget has the next login typed again.
	forget() { this.login = []; }

	receive(bytes) { this.telnet.receive(bytes); }

	text(text) {
		this.unfinished += text;
		const lines = this.unfinished.split("\n");
		this.unfinished = lines.pop();
		lines.forEach((each) => this.append(plain(each)));
		if (!this.isReady && this.answers.length > 0) {
			clearTimeout(this.quiet);
			this.quiet = setTimeout(() => this.loggedIn(), 800);
		}
		clearTimeout(this.late);
		if (this.unfinished !== "") this.late = setTimeout(() => this.prompt(), 1000); // one without its mark
	}

	append(text, kind) {
		if (text === "" && !kind) return;
		const follow = this.atEnd();
		const item = document.createElement("p");
		if (kind) item.className = kind;
		let from = 0;
		for (const found of text.matchAll(ADDRESS)) {
			const link = document.createElement("a");
			link.href = link.textContent = found[0];
			link.target = "_blank";
			link.rel = "noopener noreferrer";
			item.append(text.slice(from, found.index), link);
			from = found.index + found[0].length;
		}
		item.append(text.slice(from));
		if (NEAR.test(text) && !kind) {
			item.classList.add("near");
			this.near(text);
		}
		log.append(item);
		while (log.childElementCount > MOST) log.firstElementChild.remove();
		if (follow || kind) this.toEnd();
		else newest.hidden = false;
	}

	atEnd() { return log.scrollHeight - log.scrollTop - log.clientHeight < 40; }

	toEnd() {
		log.scrollTop = log.scrollHeight;
		newest.hidden = true;
	}

	// prompt makes a label of the unfinished line.
	prompt() {
		clearTimeout(this.late);
		const text = plain(this.unfinished).trim();
		this.unfinished = "";
		if (text === "") return;
		clearTimeout(this.quiet);
		label.textContent = text;
		if (this.code && /username/i.test(text)) {
			const code = this.code;
			this.code = "";
			this.answer(code);
		} else if (this.replay.length > 0) {
			this.answer(this.replay.shift());
		} else if (this.wished && /username/i.test(text)) {
			line.value = this.wished;
			this.wished = "";
		}
	}

	// loggedIn follows an answer behind which nothing more is asked: in this form who is logged in has no prompt.
	loggedIn() {
		this.isReady = true;
		if (this.answers.length === 1 && !this.linked) this.login = this.answers; // a guest
		this.replay = [];
		this.ready();
	}

	// secret makes the field one for passwords, or for text.
	secret(is) {
		if (line.type === (is ? "password" : "text")) return;
		line.value = "";
		line.type = is ? "password" : "text";
		line.autocomplete = is ? "current-password" : "off";
	}

	answer(text) {
		const name = this.isReady ? /^\s*login\s+(\S+)\s*$/i.exec(this.last ?? "")?.[1] : this.last;
		if (line.type === "password" && name) this.login = [name, text];
		this.last = text;
		if (!this.isReady) this.answers.push(text);
		label.textContent = "Type here";
		this.telnet.type(text + "\r\n");
	}

	enter() {
		const text = line.value;
		if (!this.telnet) return;
		if (line.type !== "password") {
			if (text !== "") {
				this.append(text, "mine");
				this.typed.push(text);
			}
			this.typed = this.typed.slice(-200);
		}
		this.at = this.typed.length;
		line.value = "";
		this.replay = [];
		this.answer(text);
		line.focus();
	}

	type(text) {
		this.append(text, "mine");
		this.telnet.type(text + "\r\n");
	}

	// key steps through what was typed before.
	key(event) {
		if (line.type === "password" || event.isComposing) return;
		const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
		if (step && !event.altKey && !event.ctrlKey && !event.metaKey && this.typed.length > 0) {
			this.at = Math.max(0, Math.min(this.typed.length, this.at + step));
			line.value = this.typed[this.at] ?? "";
			event.preventDefault();
		}
	}

	// again has a screen reader say one of the last lines again: Alt and 1 the last, Alt and 2 the one before, up to
	// Alt and 0 for the tenth. The focus stays where it is.
	again(event) {
		const digit = /^Digit(\d)$/.exec(event.code)?.[1];
		if (!digit || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || log.offsetParent === null) return;
		event.preventDefault();
		const said = document.createElement("p");
		said.textContent = log.children[log.childElementCount - (Number(digit) || 10)]?.textContent ?? "No such line.";
		heard.replaceChildren(said); // a new element is read also where the text is the same
	}

	focus() { line.focus(); }
}

// plain returns text without sequences and controls.
function plain(text) {
	// eslint-disable-next-line no-control-regex
	return text.replace(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_]/g, "")
		// eslint-disable-next-line no-control-regex
		.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "").replace(/^ {9,}/, "").trimEnd(); // what was in the middle of a row
}
