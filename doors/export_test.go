package doors

// SocketOf is socketOf for the tests.
var SocketOf = socketOf
