// Package chattest tests what implements the interfaces of package chat, as testing/fstest tests file systems: a
// [chat.Store] and a [chat.Desk] each have a contract here, which every implementation runs in its own tests.
//
// The contracts use nothing but the interfaces. Run them with the race detector.
package chattest
