package words

import (
	"errors"
	"fmt"
	"time"
)

// A Phrase is a sentence, or a part of one, as data: a code and what belongs into the sentence. It can be an argument of another.
type Phrase struct {
	code string
	args []any
}

// Say returns the phrase of that code.
func Say(code string, args ...any) Phrase { return Phrase{code, args} }

// Code returns the name under which a table has the sentence.
func (p Phrase) Code() string { return p.code }

// Args returns what belongs into the sentence. It must not be changed.
func (p Phrase) Args() []any { return p.args }

// coded is what a Phrase has, and what an error has that users may read.
type coded interface {
	Code() string
	Args() []any
}

// Say returns the sentence of that code, with args in it. An argument may be another phrase, [Terms], a [Reason], a duration, or what package
// fmt can format. It is safe for concurrent use.
func (t *Table) Say(code string, args ...any) string {
	sentence, ok := t.Sentences[code]
	if !ok {
		sentence, args = t.Sentences["broken"], nil
	}
	shown := make([]any, len(args))
	for i, a := range args {
		shown[i] = t.show(a)
	}
	return fmt.Sprintf(sentence, shown...)
}

// Sentence returns what a user reads for err: the sentence of the code that err has, as refusals do, or an apology, since the cause of anything
// else is for the log.
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
	case Terms:
		return t.Terms(a)
	case Reason:
		return because(string(a))
	case time.Duration:
		return t.Duration(a)
	}
	return a
}
