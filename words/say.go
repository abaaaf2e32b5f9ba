package words

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Phrase is a sentence, or a part of one, as data: a code and what belongs into the sentence. It can be an argument
// of another.
type Phrase struct {
	code string
	args []any
}

// Say returns the phrase of that code.
func Say(code string, args ...any) *Phrase { return &Phrase{code, args} }

// Code returns the name under which a table has the sentence.
func (p *Phrase) Code() string { return p.code }

// Args returns what belongs into the sentence. It must not be changed.
func (p *Phrase) Args() []any { return p.args }

// String returns the code and what belongs into the sentence, for the log.
func (p *Phrase) String() string {
	if len(p.args) == 0 {
		return p.code
	}
	return p.code + ": " + strings.TrimSuffix(fmt.Sprintln(p.args...), "\n")
}

// coded is what a Phrase has, and what an error has that users may read.
type coded interface {
	Code() string
	Args() []any
}

// Say returns the sentence of that code, with args in it. An argument may be another phrase, an error, [Terms], a
// [Reason], a duration, [Idle], a moment, a [Second], a [List], [All] or [One] of several, or what package fmt can
// format. It is safe for concurrent use.
func (t *Table) Say(code string, args ...any) string {
	sentence, ok := t.Sentences[code]
	if !ok {
		sentence, args = t.Sentences["broken"], nil
	}
	sentence = t.signed(sentence)
	if len(args) == 0 && !strings.Contains(sentence, "%") {
		return sentence
	}
	shown := make([]any, len(args))
	for i, a := range args {
		shown[i] = t.show(a)
	}
	return fmt.Sprintf(sentence, shown...)
}

// Phrase returns the sentence of p.
func (t *Table) Phrase(p *Phrase) string { return t.Say(p.code, p.args...) }

// Sentence returns what a user reads for err: the sentence of the code that err has, as refusals do, or an apology,
// since the cause of anything else is for the log.
func (t *Table) Sentence(err error) string {
	if c, ok := errors.AsType[codedError](err); ok {
		return t.Say(c.Code(), c.Args()...)
	}
	return t.Say("broken")
}

type codedError interface {
	error
	coded
}

// show returns what stands for the argument a in a sentence.
func (t *Table) show(a any) any {
	switch a := a.(type) {
	case coded:
		return t.Say(a.Code(), a.Args()...)
	case error:
		return t.Sentence(a)
	case Terms:
		return t.Terms(a)
	case Reason:
		return because(string(a))
	case time.Duration:
		return t.Duration(a)
	case Idle:
		return t.Idle(a)
	case time.Time:
		return t.Date(a)
	case Second:
		return t.Second(a)
	case List:
		if len(a) == 0 {
			return t.None
		}
		return a.String()
	case Usage:
		return t.usage(a)
	case All:
		return t.join(a, "and")
	case One:
		return t.join(a, "or")
	}
	return a
}
