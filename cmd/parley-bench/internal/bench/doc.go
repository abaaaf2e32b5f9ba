// Package bench loads a chat server with users and measures what that costs: the server's CPU time for each line that
// reaches somebody, how late lines arrive, what a quiet session takes of memory.
//
// A [Bench] starts the server under test, and the baseline if it is asked for, as processes of their own, so that their
// CPU time and memory are the system's figures; where there are two processors each side gets one. The users are
// sockets of this process, all served by one goroutine in one epoll loop, because what they cost is missing to the
// server. The baseline, [ServeBaseline], is a fan-out server as lean as Go allows, which speaks as much of Parley's
// dialogue as the users need: figures of two machines cannot be compared, ratios to it can.
//
// Latencies are counted from the time at which a line was to be sent, not from when the sender got round to it: a
// server that stalls for a second has made all wait that were due in it.
package bench
