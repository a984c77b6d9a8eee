package low

// #include "shims.h"
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// What a function that C calls answers.
const (
	CallOK       = C.EXOREF_CALL_OK
	CallFailed   = C.EXOREF_CALL_FAILED
	CallDeclined = C.EXOREF_CALL_DECLINED
)

// SwapFunc computes new bytes, or the message of a failure, and answers one of Call...; it must neither panic nor end its goroutine, as
// a frame of C is beneath it.
type SwapFunc func(old []byte) (next []byte, message string, answer int32)

// LogFunc is given a line of the log. It is called from any thread of the library.
type LogFunc func(level int32, category, line string)

// NewCallback makes what the generated functions take as a callback: of a SwapFunc or a LogFunc. C frees it.
func NewCallback(fn any) uintptr { return uintptr(cgo.NewHandle(fn)) }

//export exorefGoSwap
func exorefGoSwap(ctx C.uintptr_t, data unsafe.Pointer, size C.size_t, sink *C.exoref_sink) C.int32_t {
	fn := cgo.Handle(ctx).Value().(SwapFunc)
	next, message, answer := fn(bytesOf(data, size))
	if answer == CallFailed {
		text := C.CString(message)
		C.exoref_sink_set_message(sink, text)
		C.free(unsafe.Pointer(text))
	}
	if answer == CallOK && len(next) > 0 {
		C.exoref_sink_write(sink, unsafe.Pointer(&next[0]), C.size_t(len(next))) // what is refused the library knows, and tells
	}
	return C.int32_t(answer)
}

//export exorefGoLog
func exorefGoLog(ctx C.uintptr_t, level C.int32_t, category, line *C.char) {
	cgo.Handle(ctx).Value().(LogFunc)(int32(level), C.GoString(category), C.GoString(line))
}

//export exorefGoFree
func exorefGoFree(ctx C.uintptr_t) { cgo.Handle(ctx).Delete() }
