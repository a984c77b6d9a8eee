package low

import "unsafe"

// The functions that take bytes or texts. The pointer is made in the very call of a function that is marked go:uintptrescapes: so the
// bytes stay where they are, and alive, until C has copied them.

func AtomOpen(client uintptr, key string, options uintptr, timeout int64, out *uintptr) error {
	return atomOpen(client, uintptr(unsafe.Pointer(unsafe.StringData(key))), uintptr(len(key)), options, timeout, out)
}

//go:uintptrescapes
func atomOpen(client, key, keySize, options uintptr, timeout int64, out *uintptr) error {
	return Exoref_atom_open_async(client, key, keySize, options, timeout, out)
}

func AtomCreate(client uintptr, key string, initial []byte, options uintptr, timeout int64, out *uintptr) error {
	return atomCreate(client, uintptr(unsafe.Pointer(unsafe.StringData(key))), uintptr(len(key)),
		uintptr(unsafe.Pointer(unsafe.SliceData(initial))), uintptr(len(initial)), options, timeout, out)
}

//go:uintptrescapes
func atomCreate(client, key, keySize, initial, initialSize, options uintptr, timeout int64, out *uintptr) error {
	return Exoref_atom_create_async(client, key, keySize, initial, initialSize, options, timeout, out)
}

func AtomReset(atom uintptr, next []byte, wantOld bool, timeout int64, out *uintptr) error {
	return atomReset(atom, uintptr(unsafe.Pointer(unsafe.SliceData(next))), uintptr(len(next)), wantOld, timeout, out)
}

//go:uintptrescapes
func atomReset(atom, data, size uintptr, wantOld bool, timeout int64, out *uintptr) error {
	return Exoref_atom_reset_async(atom, data, size, wantOld, timeout, out)
}

func AtomCompareAndSet(atom uintptr, expected, next []byte, timeout int64, out *uintptr) error {
	return atomCompareAndSet(atom, uintptr(unsafe.Pointer(unsafe.SliceData(expected))), uintptr(len(expected)),
		uintptr(unsafe.Pointer(unsafe.SliceData(next))), uintptr(len(next)), timeout, out)
}

//go:uintptrescapes
func atomCompareAndSet(atom, expected, expectedSize, next, nextSize uintptr, timeout int64, out *uintptr) error {
	return Exoref_atom_compare_and_set_async(atom, expected, expectedSize, next, nextSize, timeout, out)
}

func AtomCompareAndSetAt(atom, state uintptr, next []byte, timeout int64, out *uintptr) error {
	return atomCompareAndSetAt(atom, state, uintptr(unsafe.Pointer(unsafe.SliceData(next))), uintptr(len(next)), timeout, out)
}

//go:uintptrescapes
func atomCompareAndSetAt(atom, state, next, nextSize uintptr, timeout int64, out *uintptr) error {
	return Exoref_atom_compare_and_set_at_async(atom, state, next, nextSize, timeout, out)
}

func SwapOffer(swap uintptr, next []byte, timeout int64, out *uintptr) error {
	return swapOffer(swap, uintptr(unsafe.Pointer(unsafe.SliceData(next))), uintptr(len(next)), timeout, out)
}

//go:uintptrescapes
func swapOffer(swap, data, size uintptr, timeout int64, out *uintptr) error {
	return Exoref_swap_offer_async(swap, data, size, timeout, out)
}

func AtomAddWatch(atom uintptr, watchKey string, token uint64, timeout int64, out *uintptr) error {
	return atomAddWatch(atom, uintptr(unsafe.Pointer(unsafe.StringData(watchKey))), uintptr(len(watchKey)), token, timeout, out)
}

//go:uintptrescapes
func atomAddWatch(atom, watchKey, watchKeySize uintptr, token uint64, timeout int64, out *uintptr) error {
	return Exoref_atom_add_watch_async(atom, watchKey, watchKeySize, 0, token, timeout, out)
}

func AtomRemoveWatch(atom uintptr, watchKey string) error {
	return atomRemoveWatch(atom, uintptr(unsafe.Pointer(unsafe.StringData(watchKey))), uintptr(len(watchKey)))
}

//go:uintptrescapes
func atomRemoveWatch(atom, watchKey, watchKeySize uintptr) error {
	return Exoref_atom_remove_watch(atom, watchKey, watchKeySize)
}

func AtomResetMeta(atom uintptr, next []byte, timeout int64, out *uintptr) error {
	return atomResetMeta(atom, uintptr(unsafe.Pointer(unsafe.SliceData(next))), uintptr(len(next)), timeout, out)
}

//go:uintptrescapes
func atomResetMeta(atom, data, size uintptr, timeout int64, out *uintptr) error {
	return Exoref_atom_reset_meta_async(atom, data, size, timeout, out)
}

func PromiseOpen(client uintptr, key string, options uintptr, timeout int64, out *uintptr) error {
	return promiseOpen(client, uintptr(unsafe.Pointer(unsafe.StringData(key))), uintptr(len(key)), options, timeout, out)
}

//go:uintptrescapes
func promiseOpen(client, key, keySize, options uintptr, timeout int64, out *uintptr) error {
	return Exoref_promise_open_async(client, key, keySize, options, timeout, out)
}

func PromiseDeliver(promise uintptr, value []byte, timeout int64, out *uintptr) error {
	return promiseDeliver(promise, uintptr(unsafe.Pointer(unsafe.SliceData(value))), uintptr(len(value)), timeout, out)
}

//go:uintptrescapes
func promiseDeliver(promise, data, size uintptr, timeout int64, out *uintptr) error {
	return Exoref_promise_deliver_async(promise, data, size, timeout, out)
}

func DelayOpen(client uintptr, key string, options uintptr, timeout int64, out *uintptr) error {
	return delayOpen(client, uintptr(unsafe.Pointer(unsafe.StringData(key))), uintptr(len(key)), options, timeout, out)
}

//go:uintptrescapes
func delayOpen(client, key, keySize, options uintptr, timeout int64, out *uintptr) error {
	return Exoref_delay_open_async(client, key, keySize, options, timeout, out)
}

func DelayOpenWithBody(client uintptr, key string, token uint64, options uintptr, timeout int64, out *uintptr) error {
	return delayOpenWithBody(client, uintptr(unsafe.Pointer(unsafe.StringData(key))), uintptr(len(key)), token, options, timeout, out)
}

//go:uintptrescapes
func delayOpenWithBody(client, key, keySize uintptr, token uint64, options uintptr, timeout int64, out *uintptr) error {
	return Exoref_delay_open_with_body_async(client, key, keySize, 0, token, options, timeout, out)
}

func LeaseDeliver(lease uintptr, value []byte, timeout int64, out *uintptr) error {
	return leaseDeliver(lease, uintptr(unsafe.Pointer(unsafe.SliceData(value))), uintptr(len(value)), timeout, out)
}

//go:uintptrescapes
func leaseDeliver(lease, data, size uintptr, timeout int64, out *uintptr) error {
	return Exoref_lease_deliver_async(lease, data, size, timeout, out)
}

func LeaseFail(lease uintptr, kind, message string, payload []byte, timeout int64, out *uintptr) error {
	return leaseFail(lease, uintptr(unsafe.Pointer(text(kind))), uintptr(unsafe.Pointer(text(message))),
		uintptr(unsafe.Pointer(unsafe.SliceData(payload))), uintptr(len(payload)), timeout, out)
}

//go:uintptrescapes
func leaseFail(lease, kind, message, payload, payloadSize uintptr, timeout int64, out *uintptr) error {
	return Exoref_lease_fail_async(lease, kind, message, payload, payloadSize, timeout, out)
}

func Delete(client uintptr, key string, timeout int64, out *uintptr) error {
	return deleteKey(client, uintptr(unsafe.Pointer(unsafe.StringData(key))), uintptr(len(key)), timeout, out)
}

//go:uintptrescapes
func deleteKey(client, key, keySize uintptr, timeout int64, out *uintptr) error {
	return Exoref_delete_async(client, key, keySize, timeout, out)
}

func Expire(client uintptr, key string, ttl, timeout int64, out *uintptr) error {
	return expire(client, uintptr(unsafe.Pointer(unsafe.StringData(key))), uintptr(len(key)), ttl, timeout, out)
}

//go:uintptrescapes
func expire(client, key, keySize uintptr, ttl, timeout int64, out *uintptr) error {
	return Exoref_expire_async(client, key, keySize, ttl, timeout, out)
}

func Realized(client uintptr, key, kind string, timeout int64, out *uintptr) error {
	return realized(client, uintptr(unsafe.Pointer(unsafe.StringData(key))), uintptr(len(key)),
		uintptr(unsafe.Pointer(textOrNull(kind))), timeout, out)
}

//go:uintptrescapes
func realized(client, key, keySize, kind uintptr, timeout int64, out *uintptr) error {
	return Exoref_realized_async(client, key, keySize, kind, timeout, out)
}

func Inspect(client uintptr, key string, timeout int64, out *uintptr) error {
	return inspect(client, uintptr(unsafe.Pointer(unsafe.StringData(key))), uintptr(len(key)), timeout, out)
}

//go:uintptrescapes
func inspect(client, key, keySize uintptr, timeout int64, out *uintptr) error {
	return Exoref_inspect_async(client, key, keySize, timeout, out)
}

func ScanNew(client uintptr, pattern, kind string, out *uintptr) error {
	var start *byte // "" is no pattern
	if pattern != "" {
		start = unsafe.StringData(pattern)
	}
	return scanNew(client, uintptr(unsafe.Pointer(start)), uintptr(len(pattern)), uintptr(unsafe.Pointer(textOrNull(kind))), out)
}

//go:uintptrescapes
func scanNew(client, pattern, patternSize, kind uintptr, out *uintptr) error {
	return Exoref_scan_new(client, pattern, patternSize, kind, out)
}

func JSONCanonical(text []byte, out *uintptr) error {
	return jsonCanonical(uintptr(unsafe.Pointer(unsafe.SliceData(text))), uintptr(len(text)), out)
}

//go:uintptrescapes
func jsonCanonical(data, size uintptr, out *uintptr) error {
	return Exoref_json_canonical(data, size, out)
}

// text is the string with the NUL that C needs after it; the string itself must have none.
func text(s string) *byte { return unsafe.SliceData(append([]byte(s), 0)) }

// textOrNull is for where NULL means "any", or "from the environment".
func textOrNull(s string) *byte {
	if s == "" {
		return nil
	}
	return text(s)
}

func ClientOpen(url string, options uintptr, timeout int64, out *uintptr) error {
	return clientOpen(uintptr(unsafe.Pointer(textOrNull(url))), options, timeout, out)
}

//go:uintptrescapes
func clientOpen(url, options uintptr, timeout int64, out *uintptr) error {
	return Exoref_client_open_async(url, options, timeout, out)
}

func OptionsSet(options uintptr, name, value string) error {
	return optionsSet(options, uintptr(unsafe.Pointer(text(name))), uintptr(unsafe.Pointer(text(value))))
}

//go:uintptrescapes
func optionsSet(options, name, value uintptr) error { return Exoref_options_set(options, name, value) }

func OptionsGet(options uintptr, name string, out *uintptr) error {
	return optionsGet(options, uintptr(unsafe.Pointer(text(name))), out)
}

//go:uintptrescapes
func optionsGet(options, name uintptr, out *uintptr) error {
	return Exoref_options_get(options, name, out)
}

// The three that block.

func LocalStart(directory string, timeout int64) error {
	return localStart(uintptr(unsafe.Pointer(text(directory))), timeout)
}

//go:uintptrescapes
func localStart(directory uintptr, timeout int64) error {
	return Exoref_local_start(directory, timeout)
}

func LocalStop(directory string, timeout int64, stopped *bool) error {
	return localStop(uintptr(unsafe.Pointer(text(directory))), timeout, stopped)
}

//go:uintptrescapes
func localStop(directory uintptr, timeout int64, stopped *bool) error {
	return Exoref_local_stop(directory, timeout, stopped)
}

func LocalStatus(directory string, timeout int64, out *uintptr) error {
	return localStatus(uintptr(unsafe.Pointer(text(directory))), timeout, out)
}

//go:uintptrescapes
func localStatus(directory uintptr, timeout int64, out *uintptr) error {
	return Exoref_local_status(directory, timeout, out)
}
