package low

// #include "shims.h"
import "C"

import "unsafe"

// The blocking forms, for contexts that can't end: the goroutine's thread waits in C. The bytes go in as in bytes.go.

// AtomDerefNow is exoref_atom_deref.
func AtomDerefNow(atom uintptr, timeout int64) Outcome {
	o := C.exoref_go_atom_deref(C.uintptr_t(atom), C.int64_t(timeout))
	return outcomeOf(&o)
}

// AtomResetNow is exoref_atom_reset_vals, or exoref_atom_reset.
func AtomResetNow(atom uintptr, next []byte, wantOld bool, timeout int64) Outcome {
	return atomResetNow(atom, uintptr(unsafe.Pointer(unsafe.SliceData(next))), uintptr(len(next)), wantOld, timeout)
}

//go:uintptrescapes
func atomResetNow(atom, data, size uintptr, wantOld bool, timeout int64) Outcome {
	o := C.exoref_go_atom_reset(C.uintptr_t(atom), C.uintptr_t(data), C.size_t(size), C.bool(wantOld), C.int64_t(timeout))
	return outcomeOf(&o)
}

// AtomCompareAndSetNow is exoref_atom_compare_and_set.
func AtomCompareAndSetNow(atom uintptr, expected, next []byte, timeout int64) Outcome {
	return atomCompareAndSetNow(atom, uintptr(unsafe.Pointer(unsafe.SliceData(expected))), uintptr(len(expected)),
		uintptr(unsafe.Pointer(unsafe.SliceData(next))), uintptr(len(next)), timeout)
}

//go:uintptrescapes
func atomCompareAndSetNow(atom, expected, expectedSize, next, nextSize uintptr, timeout int64) Outcome {
	o := C.exoref_go_atom_compare_and_set(C.uintptr_t(atom), C.uintptr_t(expected), C.size_t(expectedSize),
		C.uintptr_t(next), C.size_t(nextSize), C.int64_t(timeout))
	return outcomeOf(&o)
}

// SwapBeginNow is exoref_atom_swap_begin.
func SwapBeginNow(atom uintptr, timeout int64) (swap uintptr, outcome Outcome) {
	var begun C.uintptr_t
	o := C.exoref_go_swap_begin(C.uintptr_t(atom), C.int64_t(timeout), &begun)
	return uintptr(begun), outcomeOf(&o)
}

// SwapOfferNow is exoref_swap_offer. What the value was before it does not tell.
func SwapOfferNow(swap uintptr, next []byte, timeout int64) Outcome {
	return swapOfferNow(swap, uintptr(unsafe.Pointer(unsafe.SliceData(next))), uintptr(len(next)), timeout)
}

//go:uintptrescapes
func swapOfferNow(swap, data, size uintptr, timeout int64) Outcome {
	o := C.exoref_go_swap_offer(C.uintptr_t(swap), C.uintptr_t(data), C.size_t(size), C.int64_t(timeout))
	return outcomeOf(&o)
}
