package exoref

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var serverURL string

func init() { runtime.LockOSThread() } // see TestMain

// TestMain starts a redis-server for all tests, and ends it.
func TestMain(m *testing.M) {
	if role := os.Getenv("EXOREF_TEST_ROLE"); role != "" {
		os.Exit(play(role))
	}
	directory, err := os.MkdirTemp("", "exoref-go-")
	if err != nil {
		panic(err)
	}
	socket := filepath.Join(directory, "redis.sock")
	server := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--dir", directory, "--save", "", "--appendonly", "no")
	// It ends with this thread, which is that of main, also if a test takes too long, which ends the program.
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := server.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "these tests need redis-server:", err)
		os.Exit(1)
	}
	serverURL = "redis+unix://" + socket
	code := m.Run()
	_ = server.Process.Kill()
	_ = server.Wait()
	_ = os.RemoveAll(directory)
	os.Exit(code)
}

// aWhile bounds what must come.
const aWhile = 10 * time.Second

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), aWhile)
	t.Cleanup(cancel)
	return ctx
}

func open(t testing.TB, options ...Option) *Client {
	t.Helper()
	client, err := Open(within(t), serverURL, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

var keys atomic.Int64

// fresh is a key that no other test has.
func fresh(t testing.TB) string {
	return fmt.Sprintf("%s:%d", strings.ReplaceAll(t.Name(), "/", ":"), keys.Add(1))
}

func must[R any](result R, err error) func(testing.TB) R {
	return func(t testing.TB) R {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same compares what was got with what was expected.
func same[V comparable](t testing.TB, what string, got, expected V) {
	t.Helper()
	if got != expected {
		t.Fatalf("%s: got %v, expected %v", what, got, expected)
	}
}

// await receives, or fails the test.
func await[V any](t testing.TB, what string, from <-chan V) V {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(aWhile):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}
