// The page: one connection, shown in one of two views.

import { Reading } from "./reading.js";

const page = (id) => document.getElementById(id);
const state = page("state"), again = page("again"), other = page("other"), ask = page("notify");
const wishes = new URLSearchParams(location.search);
const touch = matchMedia("(pointer: coarse)").matches;
const title = document.title;

// takeCode returns the code of "link" that the address ends with, which no server is sent, and takes it out of the
// address bar and the history: it is good once.
function takeCode() {
	const code = /^#link=([0-9a-z-]{12,14})$/i.exec(location.hash)?.[1] ?? "";
	if (code) history.replaceState(null, "", location.pathname + location.search);
	return code;
}
let code = takeCode();

let socket = null, view = null, reading = null, screen = null;
let kind = wishes.get("view") === "log" ? "log" : wishes.get("view") === "terminal" ? "terminal" : remembered();
let tries = 0, timer = 0, unread = 0, room = wishes.get("room");

// remembered returns the view that was chosen last, and at first the one that suits the device.
function remembered() {
	try {
		const chosen = localStorage.getItem("view");
		if (chosen === "log" || chosen === "terminal") return chosen;
	} catch { /* a browser that keeps nothing */ }
	return touch ? "log" : "terminal";
}

function say(text, lost) {
	if (state.textContent !== text) state.textContent = text;
	state.classList.toggle("lost", Boolean(lost));
}

// notify shows a notification, if that is allowed. Some browsers, on phones, let no page do that by itself: they throw.
function notify(body) {
	if (!("Notification" in window) || Notification.permission !== "granted") return;
	try {
		new Notification(title, { body, tag: "parley" });
	} catch { /* the title tells */ }
}

// mayNotify reports whether the user can be asked. It shows nothing: nothing is allowed before that.
function mayNotify() {
	if (!("Notification" in window) || !isSecureContext || Notification.permission !== "default") return false;
	try {
		new Notification("");
	} catch {
		return false;
	}
	return true;
}

const callbacks = {
	send: (bytes) => { if (socket?.readyState === WebSocket.OPEN) socket.send(bytes); },
	near: (text) => {
		if (!document.hidden && document.hasFocus()) return;
		unread++;
		document.title = `(${unread}) ${title}`;
		notify(text || "Somebody speaks to you.");
	},
	ready: () => {
		say("Connected");
		if (room && /^\d+$/.test(room)) view.type(`join ${room}`);
		room = "";
	},
};

async function choose(wanted) {
	kind = wanted;
	if (kind === "terminal" && !screen) {
		page("terminal").hidden = false;
		const { Screen } = await import("./terminal.js");
		screen = new Screen(callbacks);
	} else if (kind === "log") {
		reading ??= new Reading(callbacks);
	}
	view = kind === "log" ? reading : screen;
	page("reading").hidden = kind !== "log";
	page("terminal").hidden = kind === "log";
	other.textContent = kind === "log" ? "Terminal" : "Reading view";
	if (kind === "terminal") screen.fits();
}

// leave ends the connection, if there is one, or calls off the one that is waited for. The seat is kept.
function leave() {
	const old = socket;
	socket = null;
	clearTimeout(timer);
	timer = 0;
	old?.close(3000, "another connection");
}

function connect() {
	leave();
	again.hidden = true;
	say("Connecting…");
	view.begin(wishes.get("user") ?? "", code);
	code = "";
	const address = new URL("socket", location.href);
	address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
	address.search = "";
	const mine = socket = new WebSocket(address, "telnet.mudstandards.org");
	mine.binaryType = "arraybuffer";
	mine.onopen = () => {
		tries = 0;
		say("Connected");
		view.telnet.open();
		view.focus();
	};
	mine.onmessage = (event) => { if (mine === socket) view.receive(new Uint8Array(event.data)); };
	mine.onclose = (event) => { if (mine === socket) ended(event); };
}

// ended connects again by itself, unless the server has sent its user away.
function ended({ code, reason }) {
	socket = null;
	if (code === 1000 || code === 1008) {
		reading?.forget(); // somebody else may sit here next
		say(reason || "You have left.", true);
		again.hidden = false;
		again.focus();
		return;
	}
	const seconds = Math.min(30, 2 ** tries++);
	say(`${reason || "The connection is lost."} Trying again…`, true);
	timer = setTimeout(connect, seconds * 1000 * (0.75 + Math.random() / 2));
}

again.addEventListener("click", connect);
window.addEventListener("hashchange", () => { // a code that is opened where the page is open already
	if ((code = takeCode())) connect();
});
window.addEventListener("online", () => {
	if (socket?.readyState === WebSocket.OPEN) say("Connected"); // what is lost will be noticed
	else if (timer) connect();
});
window.addEventListener("offline", () => say("This device is offline.", true));

other.addEventListener("click", async () => {
	leave();
	await choose(kind === "log" ? "terminal" : "log");
	try {
		localStorage.setItem("view", kind);
	} catch { /* a browser that keeps nothing */ }
	connect();
});

function seen() {
	if (document.hidden || !document.hasFocus()) return;
	if (timer) connect(); // somebody looks at the page again, and should not have to wait
	unread = 0;
	document.title = title;
}
document.addEventListener("visibilitychange", seen);
window.addEventListener("focus", seen);

if (mayNotify()) {
	ask.hidden = false;
	ask.addEventListener("click", async () => {
		ask.hidden = await Notification.requestPermission() !== "default";
	});
}

await choose(kind);
connect();
