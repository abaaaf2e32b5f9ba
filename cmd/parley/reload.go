package main

import (
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"parley/certs"
	"parley/chat"
)

// settings are what an operator can change while the server runs.
type settings struct {
	args    []string // of the command line
	options *options // as they are in force
	log     *slog.Logger
	level   *slog.LevelVar
	texts   *textFiles
	node    *chat.Node
	certs   *certs.Source // nil if nobody speaks TLS
}

// reload reads the configuration file, the environment and the text files again. If anything in them is wrong nothing
// changes, and the log says why; it names the options that differ and take effect only after a restart.
func (s *settings) reload() {
	fresh, _, err := parseOptions(s.args, io.Discard)
	if err == nil && fresh == nil {
		return // the line asked for help: there is nothing to serve
	}
	before := s.texts.current()
	if err == nil {
		err = s.texts.read(fresh)
	}
	if err != nil {
		s.log.Error("configuration not read again, all stays as it was", "err", err)
		return
	}
	for _, name := range changed(s.options, fresh, false) {
		s.log.Warn("option needs a restart to change", "option", name)
	}
	s.node.SetGuests(fresh.Guests)
	s.node.SetRegistration(fresh.Registration)
	s.level.Set(fresh.LogLevel.level())
	names := changed(s.options, fresh, true)
	if s.texts.current() != before {
		names = append(names, "texts")
	}
	s.log.Info("configuration and text files read again", "changed", strings.Join(names, " "))
	adopt(s.options, fresh)
}

// renew has the files of the certificate read again, whatever is wrong with the others.
func (s *settings) renew() {
	if s.certs != nil {
		s.certs.Reload()
	}
}

// liveTag marks the options that reload puts in force.
const liveTag = "live"

// changed returns the names of the options in which a and b differ, of those that can change while the server runs or
// of the others.
func changed(a, b *options, live bool) []string {
	var names []string
	x, y := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for _, field := range optionFields() {
		if _, tagged := field.Tag.Lookup(liveTag); tagged == live &&
			!reflect.DeepEqual(x.FieldByIndex(field.Index).Interface(), y.FieldByIndex(field.Index).Interface()) {
			names = append(names, optionName(field))
		}
	}
	return names
}

// adopt sets the options of o that can change while the server runs to what they are in fresh.
func adopt(o, fresh *options) {
	x, y := reflect.ValueOf(o).Elem(), reflect.ValueOf(fresh).Elem()
	for _, field := range optionFields() {
		if _, tagged := field.Tag.Lookup(liveTag); tagged {
			x.FieldByIndex(field.Index).Set(y.FieldByIndex(field.Index))
		}
	}
}

// optionFields returns the fields that are options, those of the parts of [options] too.
func optionFields() []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(reflect.TypeFor[options]()), func(f reflect.StructField) bool {
		return f.Anonymous
	})
}

// optionName returns the option's name as kong makes it of the field's.
func optionName(field reflect.StructField) string {
	if name := field.Tag.Get("name"); name != "" {
		return name
	}
	var b strings.Builder
	for i, r := range field.Name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
