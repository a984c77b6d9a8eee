package low

// #include "shims.h"
import "C"

import "unsafe"

// Version is the version of the library that runs.
func Version() string { return C.GoString(C.exoref_version()) }

// StatusName is the name of the constant in C.
func StatusName(status int32) string {
	return C.GoString(C.exoref_status_name(C.exoref_status(status)))
}

// StatusText is a sentence about it.
func StatusText(status int32) string {
	return C.GoString(C.exoref_status_text(C.exoref_status(status)))
}

// StatusClass tells what it means for the state on the server.
func StatusClass(status int32) int32 { return int32(C.exoref_status_class(C.exoref_status(status))) }

// ReasonName is a word or two.
func ReasonName(reason int32) string { return C.GoString(C.exoref_reason_name(C.int32_t(reason))) }

// Codec is the label of the reference that the value came from.
func Codec(value uintptr) string { return C.GoString(C.exoref_go_codec(C.uintptr_t(value))) }

// Server is the client's server, as messages name it.
func Server(client uintptr) string { return C.GoString(C.exoref_go_server(C.uintptr_t(client))) }

// InfoText is one of the texts of an info; "" where there is none of this name.
func InfoText(info uintptr, name string) string {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	return C.GoString(C.exoref_go_info_text(C.uintptr_t(info), text))
}

// InfoKey is the key that an info is about.
func InfoKey(info uintptr) string {
	var size C.size_t
	key := C.exoref_go_info_key(C.uintptr_t(info), &size)
	return C.GoStringN(key, C.int(size))
}

// OptionText is what the table says of the n-th option.
func OptionText(n int, property int32) string {
	return C.GoString(C.exoref_option_text(C.size_t(n), C.int32_t(property)))
}

// StatName and StatMeaning tell what the n-th counter counts.
func StatName(n int) string    { return C.GoString(C.exoref_stat_name(C.size_t(n))) }
func StatMeaning(n int) string { return C.GoString(C.exoref_stat_meaning(C.size_t(n))) }
