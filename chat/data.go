package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"parley/words"
)

// A Datum is one thing that the server has of a user. Both are what package words can put into a sentence.
type Datum struct {
	// Name is where it stands in the account, such as "aliases 1 name", or a phrase.
	Name  any
	Value any
}

// DataOf returns all that the server has of me: the account, as it is stored, with a word in place of the password's
// hash, which is a secret; and what is known of the session.
func (n *Node) DataOf(ctx context.Context, me *Presence) ([]Datum, error) {
	var data []Datum
	if me.User.Guest {
		data = append(data, Datum{"name", me.User.Name},
			Datum{words.Say("datum account"), words.Say("datum none")})
		for _, b := range me.Blocks() {
			data = append(data, Datum{"block", b.Name})
			if b.Left > 0 {
				data = append(data, Datum{words.Say("datum block ends", b.Name), b.Left})
			}
			if b.Silent {
				data = append(data, Datum{words.Say("datum block silent", b.Name), "true"})
			}
		}
		for _, a := range me.Aliases() {
			data = append(data, Datum{"alias " + a.Name, Clean(a.Line).String()})
		}
		for _, name := range slices.Sorted(maps.Keys(me.Settings())) {
			data = append(data, Datum{"settings " + name, me.Settings()[name]})
		}
	} else {
		a, err := n.account(ctx, me.User.Name)
		if err != nil {
			return nil, err
		}
		if data, err = a.data(); err != nil {
			return nil, fmt.Errorf("account %q: %w", a.Name, err)
		}
		box, err := n.letterbox(ctx, a)
		if err != nil {
			return nil, err
		}
		for _, l := range me.mayReadLetters(box.Letters) {
			data = append(data, Datum{"mail " + strconv.Itoa(l.Number), l.From.Name + ": " + l.Text.String()})
		}
		for _, from := range slices.Sorted(maps.Keys(box.Lost)) {
			data = append(data, Datum{words.Say("datum letters lost", from), box.Lost[from]})
		}
		reports, err := n.keptReports(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range reports {
			if r.By.ID == me.User.ID && r.Owner.Equal(a.Registered) && !n.tooOld(&r) {
				data = append(data, r.datum())
			}
		}
	}
	data = append(data, n.liveData(ctx, me)...)
	for _, r := range n.desk.Rooms() {
		data = append(data, r.dataOf(me.User)...)
	}
	return data, nil
}

// liveData returns what is known of the session of me.
func (n *Node) liveData(ctx context.Context, me *Presence) []Datum {
	e := me.entry()
	data := []Datum{{words.Say("datum since"), e.Since}, {words.Say("datum from"), e.Source.String()}}
	if e.Client != (Client{}) {
		by := words.Say("datum by", strings.TrimSpace(e.Client.Door+" "+e.Client.Name))
		data = append(data, Datum{words.Say("datum client"), by})
	}
	if me.User.Guest && !e.Info.Empty() {
		data = append(data, Datum{"info", e.Info.String()})
	}
	if e.Absence.Away {
		data = append(data, Datum{"away", e.Absence.Why.String()})
	}
	data = append(data, Datum{words.Say("datum lines"), me.Lines()},
		Datum{words.Say("datum private lines"), len(me.toldLines())})
	if p, ok := me.Partner(); ok {
		data = append(data, Datum{words.Say("datum partner"), p.Name})
	}
	if s, muted, err := n.mutes.Find(ctx, me.User.ID); err == nil && muted {
		data = append(data, Datum{words.Say("datum muted"), s.Terms()})
	}
	return data
}

// dataOf returns what the record of r has of u.
func (r Room) dataOf(u User) (data []Datum) {
	for _, kept := range []struct {
		name *words.Phrase
		is   bool
	}{
		{words.Say("datum room"), r.Members.has(u)}, {words.Say("datum leads"), r.Leader.ID == u.ID},
		{words.Say("datum deputy"), isIn(r.Deputies, u)}, {words.Say("datum invited"), isIn(r.Invited, u)},
		{words.Say("datum out"), isIn(r.Out, u)}, {words.Say("datum topic"), r.topicIsBy(u)},
		{words.Say("datum hook"), r.hookIsBy(u)},
	} {
		if kept.is {
			data = append(data, Datum{kept.name, words.Say("the room", r.Called())})
		}
	}
	return data
}

// data returns what is stored of an account, each value by where it stands.
func (a *account) data() ([]Datum, error) {
	stored, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(stored))
	d.UseNumber()
	var data []Datum
	recovery := 0
	err = flatten(d, "", func(name, value string) {
		switch {
		case name == "hash":
			data = append(data, Datum{words.Say("datum password"), words.Say("datum hash")})
			return
		case name == "totp secret", name == "totp step":
			data = append(data, Datum{name, words.Say("datum secret")})
			return
		case name == "reset hash":
			data = append(data, Datum{name, words.Say("datum hash")})
			return
		case strings.HasPrefix(name, "totp recovery "):
			recovery++
			return
		}
		if strings.HasPrefix(value, guestIDPrefix) { // which says nothing more
			data = append(data, Datum{name, words.Say("datum guest")})
			return
		}
		if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
			data = append(data, Datum{name, at})
			return
		}
		data = append(data, Datum{name, Clean(value).String()})
	})
	if recovery > 0 {
		data = append(data, Datum{words.Say("datum recovery"), words.Say("datum hashes", recovery)})
	}
	return data, err
}

// flatten reads one value of JSON, and calls found with each that has no parts, and with where it stands, such as
// "aliases 1 name".
func flatten(d *json.Decoder, name string, found func(name, value string)) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	delim, ok := t.(json.Delim)
	if !ok {
		found(name, fmt.Sprint(t))
		return nil
	}
	for i := 1; d.More(); i++ {
		part := strconv.Itoa(i)
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			part = spaced(fmt.Sprint(key))
		}
		if err := flatten(d, strings.TrimSpace(name+" "+part), found); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// spaced writes a key such as "lastLogin" in words. What users have chosen is left as it is, but for that.
func spaced(key string) string {
	var b strings.Builder
	for _, r := range Clean(key).String() {
		if unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
