package words

// Why explains the refusal of that code to a user who wants to know more than its sentence says. It returns false if
// there is no more to say.
func (t *Table) Why(code string) (string, bool) {
	why, ok := t.Whys[code]
	return t.signed(why), ok
}

// whys explain refusals, by the code of package chat.
var whys = map[string]string{
	"unknown command": `The first word of a line is a command, such as "{/}say" or "{/}tell". "{/}help" lists them, ` +
		`and any that is unique may be shortened. After "{/}talk 0" plain lines go to a room.`,
	"usage": `Something is missing, or too much. In the usage <> must be there and [] may be left out. "{/}help ` +
		`<command>" has an example.`,
	"guest": `A guest may look around, and an account may speak: so a block or a mute has somebody to hold on to. ` +
		`"{/}register <name>" makes one at once.`,
	"guest registered": `You have an account now, but this session is still a guest's. "{/}login <name>" turns it ` +
		`into yours.`,
	"guest closed": `A guest may look around, and an account may speak. Here an operator makes the accounts.`,
	"no user":      `Nobody online and no account has that name. Names are whole words; TAB completes those online.`,
	"not online":   `The account is there, but nobody is logged in to it now. "{/}status <user>" says since when.`,
	"blocked": `That user does not want to hear you, and decides that alone. Nothing you send arrives, and no ` +
		`operator sees it.`,
	"muted":        `An operator keeps you from talking for a while. You can read, and use all that nobody else hears.`,
	"nothing said": `There was nothing to see in the message: no letters, or blanks alone. Nothing was sent.`,
	"no room": `Rooms have numbers, from 0, and are there while their leader is. The number of a room that has ` +
		`closed is not given again.`,
	"hold lines": `Ctrl-X takes back what you have said, and only a terminal that sends every key sends that one at ` +
		`once. A MUD client or netcat sends nothing before Enter.`,
	"not member": `Only the members of a room hear it, and speak in it. "{/}join <number>" lets you in, unless the ` +
		`room is locked.`,
	"in no room": `To say something you must be in a room. "{/}rooms" lists them, and "{/}start <topic>" opens one.`,
	"which room": `You are in several rooms, so a line must say which of them it is for: its number comes first.`,
	"too many led": `A room needs its leader, so one user leads a few at most. A room closes when its leader leaves ` +
		`it.`,
	"room locked": `The leader has locked the room: only those who are invited may come in. "{/}rooms" shows who ` +
		`leads it; ask by "{/}tell <user> <msg>".`,
	"kept out": `The leader or a deputy has removed you and keeps you out. That ends when the room closes, or when ` +
		`one of them invites you.`,
	"not governing": `A room is governed by its leader, who opened it or got it from the leader before, and by the ` +
		`deputies whom the leader has named.`,
	"room slow": `The leader has slowed the room, so that everybody gets a word in. Your line was not sent: type it ` +
		`again after that time.`,
	"room calm":       `The leader, or an operator, lets only few speak for a while. You can read, and use "{/}tell".`,
	"already member":  `You hear that room already. "{/}say <number> <msg>" speaks in it.`,
	"already blocked": `You hear nothing of that user already. "{/}status" lists whom you have blocked.`,
	"not blocked":     `You hear that user already. If you do not, the user may have nothing to say to you.`,
	"too many blocks": `The list of those you block is full. "{/}status" shows it, and "{/}unblock <user>" makes ` +
		`room.`,
	"login": `The name or the password was wrong. Which of the two is not said, so that nobody finds out names by ` +
		`trying. After three tries the connection ends. If you have one-time codes, type one in place of the ` +
		`password where the connection is not encrypted, and both where it is.`,
	"many tries": `Many wrong passwords came for that account, or from your address. Waiting protects the account ` +
		`against somebody who tries them all.`,
	"bad name": `A name is what others type, and must not be taken for another: so it has letters, digits and a few ` +
		`signs.`,
	"reserved name": `That name is a command, or speaks for the server. Somebody who had it would be taken for what ` +
		`it is not.`,
	"look alike": `Two names that a hasty reader mistakes for each other, such as bob and b0b, cannot both be ` +
		`registered.`,
	"short password": `A short password is guessed by trying all there are. A few words in a row are long and easy ` +
		`to remember.`,
	"password mismatch": `What you typed the second time was not what you typed first. Nobody saw either.`,
	"line too long": `A line holds 1,024 bytes: some 1,000 letters of English, fewer of other scripts. Send it in ` +
		`parts.`,
	"paste long": `All that you paste is kept here until the last line of it was sent: that is why there is a ` +
		`bound. Paste it in parts.`,
	"paste line": `A line holds 1,024 bytes. Break the long ones of what you paste.`,
	"paste lost": `Your terminal marks where pasted text begins and ends. The second mark never came, so this ` +
		`server cannot know what was pasted and what you typed. Paste it once more.`,
	"no setting": `"{/}set" alone lists all settings with what is in force.`,
	"bad setting": `Each setting takes a few values. "{/}set <name>" lists them, and "default" gives up what you ` +
		`have set.`,
	"no page":        `The list has become shorter, or the number is a slip. Without a number you get the first page.`,
	"cancelled":      `You called off a question by Ctrl-C or an empty answer. Nothing was changed.`,
	"operators only": `That is for operators. Whoever runs the server appoints them.`,
}
