package exoref

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAdministration(t *testing.T) {
	client, ctx := open(t, With("prefix", "admin:")), within(t)
	atom := must(CreateAtom(ctx, client, "an atom", 1, With("ttl", "1h")))(t)
	must(atom.Reset(ctx, 2))(t)
	check(t, atom.ResetMeta(ctx, []byte("about")))
	info := must(client.Inspect(ctx, atom.Key()))(t)
	same(t, "type", info.Type, "atom")
	same(t, "key", info.Key, "an atom")
	same(t, "version", info.Version, 2)
	same(t, "codec", info.Codec, "json")
	same(t, "ttl", info.TTL, time.Hour)
	same(t, "expires", info.Expires > time.Minute && info.Expires <= time.Hour, true)
	same(t, "value", string(info.Value), "2")
	same(t, "meta", string(info.Meta), "about")
	same(t, "last change", string(info.Changes[0].Value), "2")
	check(t, client.Expire(ctx, atom.Key(), NoTTL))
	same(t, "no ttl", must(client.Inspect(ctx, atom.Key()))(t).TTL, NoTTL)
	same(t, "a bad ttl", errors.Is(client.Expire(ctx, atom.Key(), 0), ErrInvalid), true)
	check(t, client.Expire(ctx, atom.Key(), time.Hour))
	must(OpenPromise[int](ctx, client, "a promise"))(t)
	must(OpenDelay[int](ctx, client, "a delay", nil))(t)
	list := func(pattern, kind string) string {
		var keys []string
		for info, err := range client.List(ctx, pattern, kind) {
			check(t, err)
			keys = append(keys, info.Type+" "+info.Key)
		}
		slices.Sort(keys)
		return strings.Join(keys, ", ")
	}
	same(t, "list", list("", ""), "atom an atom, delay a delay, promise a promise")
	same(t, "list", list("a *", "delay"), "delay a delay")
	for range client.List(ctx, "", "") {
		break
	}
	same(t, "deleted", must(client.Delete(ctx, "an atom"))(t), true)
	same(t, "deleted", must(client.Delete(ctx, "an atom"))(t), false)
	_, err := client.Inspect(ctx, "an atom")
	same(t, "not found", errors.Is(err, ErrNotFound), true)
	same(t, "realized", must(client.Realized(ctx, "a promise", ""))(t), false)
	_, err = client.Realized(ctx, "a promise", "delay")
	same(t, "of another type", errors.Is(err, ErrType), true)
}

func TestClientTellsOfItself(t *testing.T) {
	client, ctx := open(t), within(t)
	pong := must(client.Ping(ctx))(t)
	same(t, "ping", pong.RoundTrip > 0 && pong.ServerVersion != "", true)
	same(t, "server", strings.HasPrefix(client.Server(), "redis+unix://"), true)
	stats := client.Stats()
	same(t, "stats", len(stats) > 5 && stats[0].Name != "" && stats[0].Meaning != "", true)
	same(t, "they count", slices.ContainsFunc(stats, func(s Stat) bool { return s.Value > 0 }), true)
	same(t, "version", strings.Count(Version(), "."), 2)
	table := OptionsTable()
	at := slices.IndexFunc(table, func(o OptionInfo) bool { return o.Name == "timeout" })
	same(t, "timeout", table[at].Default == "5s" && table[at].Scope == "client" && table[at].Type == "duration", true)
	same(t, "secret", slices.ContainsFunc(table, func(o OptionInfo) bool { return o.Secret && o.Name == "password" }), true)
	same(t, "the option as it holds", client.timeout, 5*time.Second)
	same(t, "from the URL", open(t, With("timeout", "2s")).timeout, 2*time.Second)
	named := must(Open(ctx, serverURL+"?timeout=7s", With("timeout", "2s")))(t)
	defer named.Close()
	same(t, "the URL wins", named.timeout, 7*time.Second)
	t.Setenv("EXOREF_URL", serverURL+"?timeout=8s")
	ofEnvironment := must(Open(ctx, ""))(t)
	defer ofEnvironment.Close()
	same(t, "the environment's URL", ofEnvironment.timeout, 8*time.Second)
	t.Setenv("EXOREF_URL", serverURL+"?events=lanes")
	_, err := Open(ctx, "")
	same(t, "its events are ours", errors.Is(err, ErrInvalid), true)
}

func TestPrivateServer(t *testing.T) {
	ctx := within(t)
	directory := filepath.Join(t.TempDir(), "d")
	same(t, "status", must(LocalStatus(ctx, directory))(t), "")
	check(t, LocalStart(ctx, directory))
	same(t, "status", must(LocalStatus(ctx, directory))(t) != "", true)
	client := must(Open(ctx, "local:"+directory))(t)
	must(CreateAtom(ctx, client, "k", 1))(t)
	check(t, client.Close())
	same(t, "stopped", must(LocalStop(ctx, directory))(t), true)
	same(t, "stopped", must(LocalStop(ctx, directory))(t), false)
	over, cancel := context.WithCancel(ctx)
	cancel()
	same(t, "cancelled", errors.Is(LocalStart(over, directory), context.Canceled), true)
	same(t, "NUL", errors.Is(LocalStart(ctx, "a\x00b"), ErrInvalid), true)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestLog(t *testing.T) {
	ctx := within(t)
	var lines lockedBuffer
	logger := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client := open(t, WithLogger(logger), With("name", "logged"))
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	must(atom.AddWatch(ctx, "bad", func(context.Context, Change[int]) error { return errMine }))(t)
	must(atom.Reset(ctx, 2))(t)
	waitFor(t, "the line of the watch", func() bool { return strings.Contains(lines.String(), "watch 'bad'") })
	check(t, client.Shutdown(ctx))
	same(t, "category", strings.Contains(lines.String(), "category=connection"), true)
	same(t, "level", strings.Contains(lines.String(), "level=ERROR"), true)
	_, err := CreateAtom(ctx, client, "k", 1, WithLogger(logger))
	same(t, "not for references", errors.Is(err, ErrInvalid), true)
}

// A handler that hangs holds nothing up.
func TestASlowLogHandlerHoldsNothingUp(t *testing.T) {
	ctx := within(t)
	hold := make(chan struct{})
	defer close(hold)
	client := must(Open(ctx, serverURL, WithLogger(slog.New(hanging{hold}))))(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 0))(t)
	for range 100 {
		must(atom.Swap(ctx, func(n int) (int, error) { return n + 1, nil }))(t)
	}
	check(t, client.Close())
}

type hanging struct{ hold chan struct{} }

func (h hanging) Enabled(context.Context, slog.Level) bool { return true }
func (h hanging) Handle(context.Context, slog.Record) error {
	<-h.hold
	return nil
}
func (h hanging) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h hanging) WithGroup(string) slog.Handler      { return h }
