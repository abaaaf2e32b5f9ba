package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"parley/chat"
)

// options are what flags, environment and the configuration file set, all with the same names. Flags beat the environment, and that beats
// the file.
type options struct {
	Config    kong.ConfigFlag  `placeholder:"FILE" help:"YAML file with any of these options."`
	Listen    []string         `default:"127.0.0.1:4000" placeholder:"ADDRESS" help:"Address for telnet; may be given more than once. Port 0 picks one and prints it. (${default})"`
	Data      string           `default:"./parley-data" placeholder:"DIR" help:"Folder of the account store; created if it is not there. (${default})"`
	Guests    chat.GuestPolicy `default:"register" enum:"register,chat,off" help:"What guests may do: ${enum}. (${default})"`
	Banner    string           `placeholder:"FILE" help:"Text to show before the login."`
	MOTD      string           `name:"motd" placeholder:"FILE" help:"Text to show after the login."`
	Goodbye   string           `placeholder:"FILE" help:"Text to show at the end."`
	LogFormat string           `default:"text" enum:"text,json" help:"Form of the log on standard error: ${enum}. (${default})"`
	LogLevel  slog.Level       `default:"info" placeholder:"LEVEL" help:"Least level that is logged: debug, info, warn or error. (${default})"`
}

// commandLine is the grammar that kong reads.
type commandLine struct {
	options

	Serve   struct{} `cmd:"" default:"withargs" help:"Serve until interrupted. This is the default."`
	Version struct{} `cmd:"" help:"Print the version."`
}

// parseOptions returns the options and the name of the command, "" if args asked for help, which is then printed. Every error is
// a usageError.
func parseOptions(args []string, stdout io.Writer) (o *options, command string, err error) {
	var line commandLine
	helped := false
	parser, err := kong.New(&line,
		kong.Name("parley"),
		kong.Description("A chat server that people reach with telnet, netcat or a MUD client. Each option is also an environment variable (--log-level is PARLEY_LOG_LEVEL) and a key of the configuration file (log-level)."),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { helped = true }),
		kong.DefaultEnvars("PARLEY"),
		kong.Configuration(readConfig),
	)
	if err != nil {
		return nil, "", err
	}
	context, err := parser.Parse(args)
	if helped {
		return nil, "", nil
	}
	if err == nil {
		err = line.check()
	}
	if err != nil {
		return nil, "", &usageError{errors.New(strings.ReplaceAll(err.Error(), "\n", " "))}
	}
	return &line.options, context.Command(), nil
}

// check finds what the grammar does not.
func (o *options) check() error {
	for _, address := range o.Listen {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return fmt.Errorf("--listen: %q is not an address such as 127.0.0.1:4000 or :4000", address)
		}
	}
	if o.Data == "" {
		return errors.New("--data: the name of a folder is missing")
	}
	_, err := o.texts()
	return err
}

// readConfig makes a configuration file answer for the options that neither the command line nor the environment sets.
func readConfig(r io.Reader) (kong.Resolver, error) {
	values := make(map[string]any)
	if err := yaml.NewDecoder(r).Decode(&values); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("not a YAML file of options: %w", err)
	}
	return &configFile{values}, nil
}

type configFile struct{ values map[string]any }

// Validate refuses what is no option: a slip of the pen must not go unnoticed.
func (c *configFile) Validate(app *kong.Application) error {
	for key := range c.values {
		if !slices.ContainsFunc(app.Flags, func(f *kong.Flag) bool { return f.Name == key && key != "config" && key != "help" }) {
			return fmt.Errorf("configuration file: there is no option %q", key)
		}
	}
	return nil
}

// Resolve returns the value of a flag, nil for none.
func (c *configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if slices.ContainsFunc(flag.Envs, func(name string) bool { _, set := os.LookupEnv(name); return set }) {
		return nil, nil
	}
	switch v := c.values[flag.Name].(type) {
	case nil:
		return nil, nil
	case []any:
		words := make([]string, len(v))
		for i, word := range v {
			words[i] = fmt.Sprint(word)
		}
		return strings.Join(words, ","), nil
	case map[string]any:
		return nil, errors.New("the configuration file has a table here, not a value")
	default:
		return fmt.Sprint(v), nil
	}
}

// logger returns the log that the options ask for.
func (o *options) logger(w io.Writer) *slog.Logger {
	settings := &slog.HandlerOptions{Level: o.LogLevel}
	if o.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, settings))
	}
	return slog.New(slog.NewTextHandler(w, settings))
}
