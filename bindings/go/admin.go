package exoref

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// NoTTL takes a reference's time to live away.
const NoTTL time.Duration = low.TTLNone * time.Millisecond

// Delete deletes the reference under the key, of whatever type; whether there was one. Whoever watches it is told. What is no reference of
// exoref is left alone: ErrType.
func (c *Client) Delete(ctx context.Context, key string) (bool, error) {
	return c.flag(ctx, func(client uintptr, timeoutMs int64, future *uintptr) error {
		return low.Delete(client, key, timeoutMs, future)
	})
}

// Expire sets the reference's time to live, counted from now and anew from each change; NoTTL takes it away.
func (c *Client) Expire(ctx context.Context, key string, ttl time.Duration) error {
	ms := milliseconds(ttl)
	if ttl == NoTTL {
		ms = low.TTLNone
	} else if ttl <= 0 {
		return invalid("the time to live was %v; give a positive one, or NoTTL", ttl)
	}
	_, err := c.flag(ctx, func(client uintptr, timeoutMs int64, future *uintptr) error {
		return low.Expire(client, key, ms, timeoutMs, future)
	})
	return err
}

// Realized tells whether the promise or delay under the key is realized; false where there is none, and nothing is created. The type is
// "promise", "delay", or "" for either.
func (c *Client) Realized(ctx context.Context, key, kind string) (bool, error) {
	if strings.IndexByte(kind, 0) >= 0 {
		return false, invalid("the type %q has a NUL in it", kind)
	}
	return c.flag(ctx, func(client uintptr, timeoutMs int64, future *uintptr) error {
		return low.Realized(client, key, kind, timeoutMs, future)
	})
}

func (c *Client) flag(ctx context.Context, start starter) (bool, error) {
	op := c.use(ctx, c.h, operation, start)
	outcome, err := op.finish()
	release(outcome)
	return outcome.Flag, err
}

// Info is what is known about a reference.
type Info struct {
	Key     string
	Type    string // "atom", "promise", "delay"
	Version uint64 // how many values it has had
	Epoch   string // this incarnation, 128 bits in hex
	Size    int64  // bytes of the value
	Codec   string // the label, "" for none

	TTL     time.Duration // from each change; NoTTL for none
	Expires time.Duration // from now; NoTTL for never
	History int64         // changes that the ring can hold
	Terms   int64         // how often the history changed its server

	// Of a delay:

	State       string        // "open", "wanted", "realized", "failed"
	Attempt     int64         // how often a body was begun
	Owner       string        // who holds the lease, "" nobody
	Lease       time.Duration // how much is left of it
	LeaseLength time.Duration // how long one lasts
	Failure     string        // message of the last one

	Value   []byte       // nil if there is none yet; of Inspect only
	Meta    []byte       // the metadata
	Changes []InfoChange // the newest first, as many as the history holds; of Inspect only
}

// InfoChange is one change of a history.
type InfoChange struct {
	Version uint64
	Value   []byte // nil: too large to be kept
}

// Inspect reads all about a reference. It is also the way to learn whether a key exists (ErrNotFound), and of what type it is (ErrType: no
// reference of exoref).
func (c *Client) Inspect(ctx context.Context, key string) (*Info, error) {
	op := c.use(ctx, c.h, operation, func(client uintptr, timeoutMs int64, future *uintptr) error {
		return low.Inspect(client, key, timeoutMs, future)
	})
	var info *Info
	op.take = func(future uintptr) { info = infoOf(low.Exoref_future_info(future)) }
	_, err := op.finish()
	return info, err
}

// List lists references, in no order, by a pattern of Redis (`*`, `user:?`, `[ab]*`; "": all) within the client's prefix, and a type
// ("atom"; "": any). It asks the server while it is ranged over; after an error it ends. One that is changed meanwhile may come twice or
// be missed; one that stands all the time comes.
func (c *Client) List(ctx context.Context, pattern, kind string) iter.Seq2[*Info, error] {
	return func(yield func(*Info, error) bool) {
		scan, err := c.scan(pattern, kind)
		if err != nil {
			yield(nil, err)
			return
		}
		defer scan.close()
		for {
			op := c.use(ctx, scan, operation, low.Exoref_scan_next_async)
			var info *Info
			op.take = func(future uintptr) { info = infoOf(low.Exoref_future_info(future)) }
			if _, err := op.finish(); err != nil {
				yield(nil, err)
				return
			}
			if info == nil || !yield(info, nil) {
				return
			}
		}
	}
}

func (c *Client) scan(pattern, kind string) (*handle, error) {
	if strings.IndexByte(kind, 0) >= 0 {
		return nil, invalid("the type %q has a NUL in it", kind)
	}
	raw, err := c.h.use()
	if err != nil {
		return nil, err
	}
	defer c.h.done()
	var scan uintptr
	if err := low.ScanNew(raw, pattern, kind, &scan); err != nil {
		return nil, errorOf(err)
	}
	return newHandle(scan, "scan", low.Exoref_scan_release), nil
}

// infoOf reads an info, and releases it.
func infoOf(raw uintptr) *Info {
	if raw == 0 {
		return nil
	}
	defer low.Exoref_info_release(raw)
	text := func(name string) string { return low.InfoText(raw, name) }
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(text(name), 10, 64)
		return n
	}
	duration := func(name string) time.Duration { return time.Duration(number(name)) * time.Millisecond }
	lifetime := func(name string) time.Duration {
		if text(name) == "" {
			return NoTTL
		}
		return duration(name)
	}
	info := &Info{
		Key: low.InfoKey(raw), Type: text("type"), Version: uint64(number("version")), Epoch: text("epoch"), Size: number("size"),
		Codec: text("codec"), TTL: lifetime("ttl"), Expires: lifetime("expires"), History: number("history"), Terms: number("terms"),
		State: text("state"), Attempt: number("attempt"), Owner: text("owner"), Lease: duration("lease"), LeaseLength: duration("lease_ms"),
		Failure: text("failure"),
		Value:   low.TakeBytes(low.Exoref_info_value(raw)),
		Meta:    low.TakeBytes(low.Exoref_info_meta(raw)),
	}
	for n := range low.Exoref_info_change_count(raw) {
		info.Changes = append(info.Changes, InfoChange{
			low.Exoref_info_change_version(raw, n), low.TakeBytes(low.Exoref_info_change_value(raw, n)),
		})
	}
	return info
}
