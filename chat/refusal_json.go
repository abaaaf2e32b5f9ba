package chat

import (
	"encoding/json"
	"fmt"
	"time"

	"parley/words"
)

// A sentRefusal is a refusal, or a phrase in one, as it travels.
type sentRefusal struct {
	Code string    `json:"code"`
	Args []sentArg `json:"args,omitempty"`
}

// A sentArg is an argument of a refusal as it travels: one of the fields says of what type it is. One of a type that
// the receiver does not know is an empty string to it.
type sentArg struct {
	Text   *string        `json:"text,omitempty"`
	Number *int           `json:"number,omitempty"`
	Lasts  *time.Duration `json:"lasts,omitempty"` // nanoseconds
	Idle   *words.Idle    `json:"idle,omitempty"`  // nanoseconds
	At     *time.Time     `json:"at,omitempty"`
	Terms  *sentTerms     `json:"terms,omitempty"`
	Reason *words.Reason  `json:"reason,omitempty"`
	List   words.List     `json:"list,omitempty"`
	All    words.All      `json:"all,omitempty"`
	One    words.One      `json:"one,omitempty"`
	Phrase *sentRefusal   `json:"phrase,omitempty"`
}

type sentTerms struct {
	Lasts  time.Duration `json:"lasts,omitempty"`
	Reason string        `json:"reason,omitempty"`
}

// MarshalJSON makes a refusal travel as its code and what is particular to the case.
func (r *Refusal) MarshalJSON() ([]byte, error) { return json.Marshal(sendRefusal(r.code, r.args)) }

// UnmarshalJSON reads that. A code that this Parley does not know is that of a refusal that has no sentence here.
func (r *Refusal) UnmarshalJSON(data []byte) error {
	var sent sentRefusal
	if err := json.Unmarshal(data, &sent); err != nil {
		return err
	}
	*r = Refusal{code: sent.Code, args: sent.received(), kind: kinds[sent.Code]}
	return nil
}

func sendRefusal(code string, args []any) sentRefusal {
	sent := sentRefusal{Code: code}
	for _, a := range args {
		sent.Args = append(sent.Args, sendArg(a))
	}
	return sent
}

func sendArg(a any) sentArg {
	switch a := a.(type) {
	case int:
		return sentArg{Number: &a}
	case time.Duration:
		return sentArg{Lasts: &a}
	case words.Idle:
		return sentArg{Idle: &a}
	case time.Time:
		return sentArg{At: &a}
	case words.Terms:
		return sentArg{Terms: &sentTerms{a.Lasts, a.Reason}}
	case words.Reason:
		return sentArg{Reason: &a}
	case words.List:
		return sentArg{List: a}
	case words.All:
		return sentArg{All: a}
	case words.One:
		return sentArg{One: a}
	case *words.Phrase:
		sent := sendRefusal(a.Code(), a.Args())
		return sentArg{Phrase: &sent}
	case *Refusal:
		sent := sendRefusal(a.code, a.args)
		return sentArg{Phrase: &sent}
	}
	text := fmt.Sprint(a)
	return sentArg{Text: &text}
}

// received returns the arguments. As those that [Refusal.With] is given, they carry nothing to a terminal that a Text
// could not.
func (sent sentRefusal) received() []any {
	args := make([]any, len(sent.Args))
	for i, a := range sent.Args {
		args[i] = a.received()
	}
	return args
}

func (a sentArg) received() any {
	switch {
	case a.Number != nil:
		return *a.Number
	case a.Lasts != nil:
		return *a.Lasts
	case a.Idle != nil:
		return *a.Idle
	case a.At != nil:
		return *a.At
	case a.Terms != nil:
		return words.Terms{Lasts: a.Terms.Lasts, Reason: marked(a.Terms.Reason)}
	case a.Reason != nil:
		return words.Reason(marked(string(*a.Reason)))
	case a.List != nil:
		return words.List(allMarked(a.List))
	case a.All != nil:
		return words.All(allMarked(a.All))
	case a.One != nil:
		return words.One(allMarked(a.One))
	case a.Phrase != nil:
		return words.Say(a.Phrase.Code, a.Phrase.received()...)
	case a.Text != nil:
		return marked(*a.Text)
	}
	return ""
}

func allMarked(words []string) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = marked(w)
	}
	return all
}
