package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"parley/chat"
)

// options are what flags, environment and the configuration file set, all with the same names. Flags beat the
// environment, and that beats the file. Those tagged live can change while the server runs, see [settings].
type options struct {
	Config         configPath              `placeholder:"FILE" help:"YAML file with any of these options."`
	Listen         []string                `default:"localhost:4000" placeholder:"ADDRESS" help:"Address for telnet; may be given more than once. localhost is both loopbacks, :4000 all addresses of this machine, 0.0.0.0 those of IPv4 alone. Port 0 picks one and prints it; none is none. (${default})"`
	TLSListen      []string                `name:"tls-listen" placeholder:"ADDRESS" help:"Address for telnet that is encrypted with TLS; may be given more than once, as --listen. None if not given."`
	SSHListen      []string                `name:"ssh-listen" placeholder:"ADDRESS" help:"Address for SSH; may be given more than once, as --listen. None if not given."`
	TLSCert        string                  `name:"tls-cert" placeholder:"FILE" help:"Certificate for TLS with its chain, in PEM; read again when it changes. Without one the server makes its own in the data folder."`
	TLSKey         string                  `name:"tls-key" placeholder:"FILE" help:"The key of --tls-cert."`
	WebListen      []string                `name:"web-listen" placeholder:"ADDRESS" help:"Address for browsers, by HTTP and HTTPS; may be given more than once, as --listen. None if not given."`
	WebHost        []string                `name:"web-host" placeholder:"NAME" help:"Name by which browsers reach --web-listen; may be given more than once. By others they are refused. localhost and all addresses if not given, and the names in --tls-cert or --acme-domain."`
	WebURL         string                  `name:"web-url" placeholder:"URL" help:"Address of the page as users reach it, such as https://chat.example.org/ where a proxy stands in front; its host counts as one of --web-host. Made of --web-host and --web-listen if not given."`
	Data           string                  `default:"./parley-data" placeholder:"DIR" help:"Folder of the account store; created if it is not there. (${default})"`
	Guests         chat.GuestPolicy        `default:"register" enum:"register,chat,off" live:"" help:"What guests may do: ${enum}. (${default})"`
	Registration   chat.RegistrationPolicy `default:"open" enum:"open,invite,closed" live:"" help:"Who may register an account: everybody (open), who has an operator's invite code (invite), or nobody (closed). (${default})"`
	PasswordMin    passwordMin             `default:"4" placeholder:"COUNT" help:"Least number of characters of a new password, from 1 to 64. (${default})"`
	KeepRooms      []string                `placeholder:"NAME,..." help:"Names of standing rooms, which are opened at the start: they stay open without a leader."`
	LimitsExempt   []string                `default:"127.0.0.0/8,::1/128" placeholder:"NETWORK" help:"Addresses or networks that the limits per source and the pace of speech do not concern; may be given more than once; none for no exemption. (${default})"`
	TrustedProxies []string                `placeholder:"NETWORK" help:"Addresses or networks of proxies, and unix for those that come by a unix socket; may be given more than once. They have to say by the PROXY protocol who comes, at every listener, or at --web-listen in X-Forwarded-For, and nobody else may. None if not given."`
	Hold           holdTime                `default:"2m" placeholder:"TIME" help:"For how long the seat of a user is kept whose connection was lost, up to 1h; 0 for not at all. (${default})"`
	Name           string                  `default:"Internet Chat Server" live:"" help:"What the server calls itself to its users. (${default})"`
	Banner         string                  `live:"" placeholder:"FILE" help:"Text to show before the login."`
	MOTD           string                  `live:"" name:"motd" placeholder:"FILE" help:"Text to show after the login."`
	Goodbye        string                  `live:"" placeholder:"FILE" help:"Text to show at the end."`
	MSSP           bool                    `name:"mssp" help:"Tell directories of MUDs, and whoever else asks, the server's name, ports and number of users, by MSSP."`
	MSSPHostname   hostname                `name:"mssp-hostname" placeholder:"HOST" help:"Host name that --mssp tells; none if not given."`
	LogFormat      string                  `default:"text" enum:"text,json" help:"Form of the log on standard error: ${enum}. (${default})"`
	LogLevel       logLevel                `live:"" default:"info" enum:"debug,info,warn,error" help:"Least level that is logged: ${enum}. (${default})"`

	AdminListen       string `placeholder:"ADDRESS" help:"Address for metrics and health over HTTP, such as 127.0.0.1:9100; none if not given."`
	AdminListenPublic bool   `help:"Let --admin-listen be an address that other machines reach."`
	AdminPprof        bool   `help:"Serve profiles of the running program at --admin-listen too."`

	acmeOptions
	clusterOptions
}

// A configPath is the path of a configuration file, empty for none.
type configPath string

// maxConfig is how long a configuration file may be, in bytes.
const maxConfig = 1 << 20

// BeforeResolve makes the file answer for options, but for those to leave out.
func (configPath) BeforeResolve(ctx *kong.Context, trace *kong.Path, leave leftOut) error {
	path, _ := ctx.FlagValue(trace.Flag).(configPath)
	if path == "" {
		return nil
	}
	text, err := readText(kong.ExpandPath(string(path)), maxConfig)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	resolver, err := readConfig(bytes.NewReader(text), leave)
	if err != nil {
		return fmt.Errorf("--config: %s is %w", path, err)
	}
	ctx.AddResolver(resolver)
	return nil
}

// A logLevel is a level of package slog by its name.
type logLevel string

func (l logLevel) level() slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l)) // the grammar lets only its names through
	return level
}

// A passwordMin is how many characters a new password must have.
type passwordMin int

// UnmarshalText reads a number of characters.
func (m *passwordMin) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 || n > 64 {
		return errors.New("a password can be asked to have from 1 to 64 characters")
	}
	*m = passwordMin(n)
	return nil
}

// A hostname is the name of a host, or its address, empty for none.
type hostname string

var hostnames = regexp.MustCompile(`^[0-9A-Za-z.:-]*$`)

func (h hostname) check() error {
	if !hostnames.MatchString(string(h)) || len(h) > 253 {
		return fmt.Errorf("--mssp-hostname: %q is not the name of a host", string(h))
	}
	return nil
}

// A holdTime is for how long a seat is kept.
type holdTime time.Duration

// maxHold is the most that may be.
const maxHold = time.Hour

// UnmarshalText reads a length of time such as 2m, or 0.
func (h *holdTime) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 || d > maxHold || d > 0 && d < time.Second {
		return errors.New("a seat can be kept for a time such as 30s or 2m, from 1s to 1h, or 0 for not at all")
	}
	*h = holdTime(d)
	return nil
}

// checkRooms says which of the names of rooms cannot be one.
func checkRooms(names []string) error {
	var faults []error
	for _, name := range names {
		if err := chat.ValidRoomName(name); err != nil {
			faults = append(faults, fmt.Errorf("--keep-rooms: %q: %w", name, sentenceOf(err)))
		}
	}
	return errors.Join(faults...)
}

// commandLine is the grammar that kong reads.
type commandLine struct {
	options

	Serve serveCommand `cmd:"" default:"withargs" help:"Serve until interrupted. This is the default."`
	operatorCommands
	CheckConfig  checkConfigCommand  `cmd:"" help:"Say all that is wrong with the configuration. Starts nothing."`
	Doctor       doctorCommand       `cmd:"" help:"Look for what keeps a server from running well, and say what to do. Changes nothing."`
	Fingerprints fingerprintsCommand `cmd:"" help:"Print the fingerprints by which users know this server."`
	Completion   completionCommand   `cmd:"" help:"Print a script that makes a shell complete the words of this program."`
	Complete     completeCommand     `cmd:"" hidden:""`
	Version      versionCommand      `cmd:"" help:"Print the version."`

	// Not an option like the others: neither the environment nor a file can ask for it.
	ShowVersion kong.VersionFlag `name:"version" env:"-" help:"Print the version."`
}

// leftOut are names of options that neither the environment nor the configuration file is asked for.
type leftOut map[string]bool

// newParser returns the grammar that reads a command line into line. helped is called when the line asks for help, or
// the version, which is then printed.
func newParser(line *commandLine, stdout io.Writer, leave leftOut, helped func()) (*kong.Kong, error) {
	options := append(chatCommands(),
		kong.Name("parley"),
		kong.Description("A chat server that people reach with telnet, netcat or a MUD client. "+
			"Each option is also an environment variable (--log-level is PARLEY_LOG_LEVEL) and a key of the "+
			"configuration file (log-level)."),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { helped() }),
		kong.DefaultEnvars("PARLEY"),
		kong.Bind(leave),
		kong.Vars{"version": versionLine()},
	)
	parser, err := kong.New(line, options...)
	if err != nil {
		return nil, err
	}
	for _, n := range parser.Model.Children {
		describe(n)
	}
	for _, f := range parser.Model.Flags {
		if leave[f.Name] {
			f.Envs, f.Tag.Envs = nil, nil
		}
	}
	return parser, nil
}

// parseOptions returns the options and the command that args select, whose target is a [command] or a [consoleCommand];
// nil if they asked for help or the version, which is then printed. Every error is a usageError, and the first of what
// [allFaults] finds.
func parseOptions(args []string, stdout io.Writer) (o *options, selected *kong.Node, err error) {
	return parseWithout(nil, args, stdout)
}

// parseWithout is parseOptions where the options to leave out stand on the command line or have their defaults.
func parseWithout(leave leftOut, args []string, stdout io.Writer) (o *options, selected *kong.Node, err error) {
	var line commandLine
	helped := false
	parser, err := newParser(&line, stdout, leave, func() { helped = true })
	if err != nil {
		return nil, nil, err
	}
	if len(args) > 0 && args[0] == "help" { // as other programs have it
		args = append(args[1:len(args):len(args)], "--help")
	}
	context, err := parser.Parse(wordsTogether(args))
	if helped {
		return nil, nil, nil
	}
	if err == nil {
		selected = context.Selected()
		if _, serves := target(selected).(*serveCommand); serves {
			err = line.check()
		}
	}
	if err != nil {
		if failed, ok := errors.AsType[*kong.ParseError](err); ok && failed.Context != nil {
			selected = failed.Context.Selected()
			_, _ = failed.Context.Apply() // an examiner wants to know how it was asked to answer
		}
		text := err.Error()
		if option, _, missing := strings.Cut(text, `: expected string value but got "EOL"`); missing {
			err = fmt.Errorf("%s: its value is missing", option)
		}
		if strings.HasPrefix(text, "unexpected argument") && !strings.Contains(text, "did you mean") {
			err = fmt.Errorf(`%w; "parley --help" shows what there is`, err)
		}
		return nil, selected, &usageError{err}
	}
	return &line.options, selected, nil
}

// wordsTogether returns args with each -a and -l behind the words of the command. kong ends a list of words at the
// first flag, and these may stand among them: see [addressedCommand] and [listCommand].
func wordsTogether(args []string) []string {
	end := slices.Index(args, "--")
	if end < 0 {
		end = len(args)
	}
	var words, flags []string
	for _, arg := range args[:end] {
		if arg == "-a" || arg == "-l" {
			flags = append(flags, arg)
		} else {
			words = append(words, arg)
		}
	}
	return slices.Concat(words, flags, args[end:])
}

// target returns the pointer to what kong has read of a command's arguments.
func target(n *kong.Node) any { return n.Target.Addr().Interface() }

// check returns the first of the faults.
func (o *options) check() error {
	for _, fault := range o.faults() {
		return fault
	}
	return nil
}

// faults returns what is wrong with the options for a server, of which the grammar knows nothing.
func (o *options) faults() []error {
	_, exempt := o.exempt()
	_, proxies := o.proxies()
	_, texts := o.texts()
	return flatten(o.checkListen(), o.checkTLS(), o.checkACME(), o.checkWeb(), o.checkData(),
		o.MSSPHostname.check(), checkRooms(o.KeepRooms), o.checkMonitor(), o.clusterOptions.check(), exempt, proxies,
		texts)
}

// flatten returns the errors that errs are, one by one where they were joined.
func flatten(errs ...error) []error {
	var all []error
	for _, err := range errs {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			all = append(all, flatten(joined.Unwrap()...)...)
		} else if err != nil {
			all = append(all, err)
		}
	}
	return all
}

func (o *options) checkData() error {
	if o.Data == "" {
		return errors.New("--data: the name of a folder is missing")
	}
	return nil
}

// readConfig makes a configuration file answer for the options that neither the command line nor the environment sets,
// and that are not left out.
func readConfig(r io.Reader, leave leftOut) (kong.Resolver, error) {
	values := make(map[string]yaml.Node)
	file := yaml.NewDecoder(r)
	err := file.Decode(&values)
	switch typed, wrong := errors.AsType[*yaml.TypeError](err); {
	case wrong && strings.Contains(typed.Errors[0], " already defined "): // line 2: mapping key "x" already …
		err = errors.New(typed.Errors[0])
	case wrong:
		err = errors.New("its lines are not of the form option: value") // else it speaks of Go's types
	case err == nil && !errors.Is(file.Decode(new(any)), io.EOF):
		err = errors.New("it has more than one document") // of which all but the first would go unnoticed
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("not a YAML file of options: %w", err)
	}
	for key := range leave {
		delete(values, key)
	}
	return &configFile{values}, nil
}

type configFile struct{ values map[string]yaml.Node }

// Validate refuses what is no option: a slip of the pen must not go unnoticed.
func (c *configFile) Validate(app *kong.Application) error {
	for _, key := range slices.Sorted(maps.Keys(c.values)) {
		if !slices.ContainsFunc(app.Flags, func(f *kong.Flag) bool {
			return f.Name == key && !slices.Contains([]string{"config", "help", "version"}, key)
		}) {
			return &unknownOption{key}
		}
	}
	return nil
}

// An unknownOption is a key of a configuration file that is no option.
type unknownOption struct{ key string }

func (e *unknownOption) Error() string {
	return fmt.Sprintf("configuration file: there is no option %q", e.key)
}

// Resolve returns the value of a flag, nil for none.
func (c *configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if slices.ContainsFunc(flag.Envs, func(name string) bool { _, set := os.LookupEnv(name); return set }) {
		return nil, nil
	}
	value, set := c.values[flag.Name]
	written := aliased(&value)
	switch {
	case !set, written.ShortTag() == "!!null":
		return nil, nil
	case written.Kind == yaml.MappingNode:
		return nil, errors.New("the configuration file has a table here, not a value")
	case written.Kind == yaml.ScalarNode:
		return written.Value, nil // as it stands there: 1.10 is a name as good as others
	}
	var words []string
	for _, item := range written.Content {
		word := aliased(item)
		if word.Kind != yaml.ScalarNode {
			return nil, errors.New("the configuration file has a list of lists here, or of tables, not of values")
		}
		words = append(words, word.Value)
	}
	return strings.Join(words, ","), nil
}

// aliased returns what stands for n, which may be the alias of another node.
func aliased(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
