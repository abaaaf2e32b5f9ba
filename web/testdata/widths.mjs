// Writes widths.txt: how many columns xterm.js, as the page uses it, takes for 2,000 strings, and each as JSON. They
// stand behind something, as all that is typed stands behind a prompt: alone in a row a mark takes a column.
//
//   npm install --no-save @xterm/headless@6.0.0 @xterm/addon-unicode11@0.9.0
//   node widths.mjs > widths.txt
import headless from "@xterm/headless";
import unicode11 from "@xterm/addon-unicode11";

// Characters, and clusters of them, of many kinds.
const scripts = [
	"a b Z 0 ~ ? é ß ñ Å ø ł ő ș ž þ", "α Ω ώ я Ж Ї ѣ ҂ ԱֆՖ ა ხ", "א ש ّب ع گ ہ", "ก ำ ี้ นี้ ไม่", "क कि क्ष त्र हिं தமி বাং ਪੰ",
	"漢 字 東 々 〇 ㋿ ㍿ 𠮷 あ ゔ カ ｶﾞ ー 、 「 　 Ａ １ ！", "한 글 ᄒ ᅡ ᆫ 한 ﾡ ꥠ", "é ạ̈ ñ̃ g̈ Z̷ o͡o ā̂", "‘ “ — … € № ™ ° ± × ÷ § ¶ α № ℃ Å",
	"← ↑ ⇒ ∀ ∑ ≠ ─ │ ┼ ╬ █ ▒ ■ ● ★ ☆ ♥ ♪ ✓ ✗ ⚠ ☎ ☃", "① ⑳ Ⓐ ➊ ㈱ ㊙ Ⅳ ⅷ ½ ¼ ² ₃", "😀 🎉 🚀 🦄 🧑 👍 🫠 🥹 🪿 🫨 ⌚ ⏰ ⚡ ⭐ ✨ ❌",
	"👍🏽 🧑🏿 ✌🏻 👨‍👩‍👧‍👦 🧑‍💻 👩🏾‍🚒 🏳️‍🌈 🏴‍☠️ ❤️‍🔥 👁️‍🗨️", "🇩🇪 🇫🇷 🇯🇵 🇺🇦 🇩 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️ ☀️ ✈️ ☺︎ ⌚︎ 1️⃣ #️⃣ *️⃣ ©️ ®️", "‍ ‌ ️ ⸺ ⸻ ﷽ 𒐫 ꧅ ﹏ 𝒜 𝟘 🂡 🀄 𓀀 ᚠ ᠮ ཀ က្ខ",
].map((line) => line.split(" ").filter((part) => part !== ""));

// Always the same numbers, from 0 to n - 1 (xorshift).
let state = 2463534242;
function random(n) {
	state ^= state << 13;
	state ^= state >>> 17;
	state ^= state << 5;
	return (state >>> 0) % n;
}

const parts = scripts.flat();
const all = parts.flatMap((part) => [part, `x${part}y`, part + part]);
while (all.length < 2000) {
	const own = scripts[random(scripts.length)];
	let s = "";
	for (let left = 1 + random(8); left > 0; left--) {
		const from = random(4) === 0 ? parts : own;
		s += from[random(from.length)] + (random(3) === 0 ? " " : "");
	}
	all.push(s);
}

const terminal = new headless.Terminal({ allowProposedApi: true, cols: 500, rows: 5 });
terminal.loadAddon(new unicode11.Unicode11Addon());
terminal.unicode.activeVersion = "11";
const widths = [];
terminal.onData((answer) => widths.push(Number(answer.match(/;(\d+)R/)[1]) - 2)); // where the cursor stands
terminal.write(all.map((s) => "x" + s + "\x1b[6n\r\n").join(""), () => {
	all.forEach((s, i) => console.log(`${widths[i]} ${JSON.stringify(s)}`));
});
