package exoref

import (
	"bytes"
	"runtime"
	"strconv"
)

// goid is the number of this goroutine. It serves one purpose: to answer ErrDeadlock, or not to wait, where a function of the
// application would wait for itself. That is only asked where something is to be waited for.
func goid() uint64 {
	var buffer [64]byte
	text := buffer[:runtime.Stack(buffer[:], false)]
	text = bytes.TrimPrefix(text, []byte("goroutine "))
	number, _, _ := bytes.Cut(text, []byte(" "))
	id, _ := strconv.ParseUint(string(number), 10, 64)
	return id
}
