// Package budget says how often something may be tried: each key, such as a source, has a bucket of tokens, which come
// back one by one.
//
// Why not golang.org/x/time/rate: a token that was taken for nothing, as for a password that was right, goes back into
// its bucket here; never more than its size leave a bucket in any period; and the keys are bounded in number.
package budget
