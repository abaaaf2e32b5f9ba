package words

// webAnswers are what the door for browsers answers by HTTP to whoever it does not let in, and to programs that want to
// speak by a hook.
var webAnswers = map[string]string{
	"proxy silent":     "The proxy in front does not say in X-Forwarded-For who comes.",
	"web encrypted":    "Here one comes by https:// alone.",
	"web socket alone": "Here a WebSocket begins, for programs. The page for people is at /.",
	"web no handshake": "That is no handshake of a WebSocket (RFC 6455).",
	"web version":      "Version 13 of the WebSocket protocol is spoken here.",
	"web other site":   "A page of another site may not come in here.",
	"web full":         "There are too many connections.",
	"hooks off":        "There are no hooks here.",
	"hook method":      "A hook takes POST alone, for example by curl -d TEXT ADDRESS",
	"hook form":        "A hook takes the text itself, and neither JSON nor a form.",
	"hook cut":         "The connection is lost.",
	"hook not whole":   "The text did not arrive whole. Nothing was said.",
	"hook not UTF-8":   "That is not UTF-8. Nothing was said.",
	"hook one line":    "A hook takes one line, without control characters. Nothing was said.",
	"web name":         "This server is not reached by that name. Its operator names those that it has by --web-host.",
	"hook long":        "That is too long: a hook takes %d bytes at most. Nothing was said.",
}
