package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"
)

var socket string

func TestMain(m *testing.M) {
	directory, err := os.MkdirTemp("", "exoref-bench-")
	if err != nil {
		panic(err)
	}
	socket = filepath.Join(directory, "s")
	server := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--dir", directory, "--save", "")
	if err := server.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "redis-server is needed:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = server.Process.Kill()
	_ = server.Wait()
	_ = os.RemoveAll(directory)
	os.Exit(code)
}

func url() string { return "redis+unix://" + socket }

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func open(b *testing.B) *exoref.Client {
	b.Helper()
	client, err := exoref.Open(context.Background(), url())
	check(b, err)
	b.Cleanup(func() { client.Close() })
	return client
}

// A promise of 16 bytes that this process has read: from memory.
func BenchmarkDerefOfARealizedPromise(b *testing.B) {
	ctx := context.Background()
	promise, err := exoref.OpenPromise[[]byte](ctx, open(b), "bench:promise", exoref.WithCodec(exoref.Bytes))
	check(b, err)
	_, err = promise.Deliver(ctx, []byte("0123456789abcdef"))
	check(b, err)
	b.Run("C", func(b *testing.B) {
		c, err := openInC(url())
		check(b, err)
		defer c.close()
		b.ResetTimer()
		check(b, c.deref("bench:promise", b.N))
	})
	b.Run("Go", func(b *testing.B) {
		for range b.N {
			if _, err := promise.Deref(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// One more, by a function of the old value, which a server on this machine keeps.
func BenchmarkAddOne(b *testing.B) {
	background := context.Background()
	cancellable, cancel := context.WithTimeout(background, time.Hour)
	defer cancel()
	b.Run("C", func(b *testing.B) {
		c, err := openInC(url())
		check(b, err)
		defer c.close()
		b.ResetTimer()
		check(b, c.swap("bench:c", b.N))
	})
	for name, ctx := range map[string]context.Context{"Go": background, "Go,cancellable": cancellable} {
		b.Run(name, func(b *testing.B) {
			atom, err := exoref.CreateAtom(ctx, open(b), "bench:go:"+name, []byte("0"), exoref.WithCodec(exoref.Bytes))
			check(b, err)
			b.ResetTimer()
			for range b.N {
				_, err := atom.Swap(ctx, func(old []byte) ([]byte, error) { return addOne(string(old)) })
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("go-redis,WATCH", func(b *testing.B) {
		client := goredis.NewClient(&goredis.Options{Network: "unix", Addr: socket})
		defer client.Close()
		const key = "bench:watch"
		check(b, client.Set(background, key, "0", 0).Err())
		b.ResetTimer()
		for range b.N {
			check(b, client.Watch(background, func(tx *goredis.Tx) error {
				old, err := tx.Get(background, key).Result()
				if err != nil {
					return err
				}
				next, err := addOne(old)
				if err != nil {
					return err
				}
				_, err = tx.TxPipelined(background, func(pipe goredis.Pipeliner) error { return pipe.Set(background, key, next, 0).Err() })
				return err
			}, key))
		}
	})
	b.Run("go-redis,Lua", func(b *testing.B) {
		client := goredis.NewClient(&goredis.Options{Network: "unix", Addr: socket})
		defer client.Close()
		const key = "bench:lua"
		check(b, client.Set(background, key, "0", 0).Err())
		script := goredis.NewScript(compareAndSet)
		old := "0"
		b.ResetTimer()
		for range b.N {
			next, err := addOne(old)
			check(b, err)
			set, err := script.Run(background, client, []string{key}, old, next).Int()
			if err != nil || set != 1 {
				b.Fatal(set, err)
			}
			old = string(next)
		}
	})
	b.Run("rueidis,Lua", func(b *testing.B) {
		client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{socket}, DialFn: dial, DisableCache: true})
		check(b, err)
		defer client.Close()
		const key = "bench:rueidis"
		check(b, client.Do(background, client.B().Set().Key(key).Value("0").Build()).Error())
		script := rueidis.NewLuaScript(compareAndSet)
		old := "0"
		b.ResetTimer()
		for range b.N {
			next, err := addOne(old)
			check(b, err)
			set, err := script.Exec(background, client, []string{key}, []string{old, string(next)}).AsInt64()
			if err != nil || set != 1 {
				b.Fatal(set, err)
			}
			old = string(next)
		}
	})
}

// What a program would write itself: no versions, no watches, and no word about a connection that is lost in the middle.
const compareAndSet = `if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('set', KEYS[1], ARGV[2]) return 1 end return 0`

func addOne(old string) ([]byte, error) {
	n, err := strconv.ParseInt(old, 10, 64)
	if err != nil {
		return nil, errors.New("no number")
	}
	return strconv.AppendInt(nil, n+1, 10), nil
}
