package exoref

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// journal passes lines of the log on to a slog.Logger, by a goroutine of its own: they come from threads of the library, in the middle
// of its work, and a handler may take its time.
type journal struct {
	logger  *slog.Logger
	lines   chan logLine
	dropped atomic.Int64
	runner  atomic.Uint64 // the goroutine that passes them on
	once    sync.Once
	over    chan struct{}
	ended   chan struct{}
}

type logLine struct {
	level          slog.Level
	category, line string
}

func newJournal(logger *slog.Logger) *journal {
	const room = 1024
	j := &journal{logger: logger, lines: make(chan logLine, room), over: make(chan struct{}), ended: make(chan struct{})}
	go j.run()
	return j
}

// attach sets it on the options of a client.
func (j *journal) attach(options uintptr) error {
	level := low.LogDebug
	for level > low.LogError && !j.logger.Enabled(context.Background(), slogLevel(int32(level))) {
		level--
	}
	// Not j itself: C keeps the callback for as long as the options or the client live.
	callback := low.NewCallback(low.LogFunc(func(level int32, category, line string) { j.write(slogLevel(level), category, line) }))
	return errorOf(low.Exoref_options_set_log(options, level, callback))
}

func (j *journal) write(level slog.Level, category, line string) {
	if j == nil {
		return
	}
	select {
	case j.lines <- logLine{level, category, line}:
	default:
		j.dropped.Add(1)
	}
}

func (j *journal) run() {
	normal := false
	defer func() {
		if !normal { // a handler ended this goroutine, or panicked
			_ = recover()
			go j.run()
		}
	}()
	j.runner.Store(goid())
	for {
		select {
		case one := <-j.lines:
			j.pass(one)
			continue
		default:
		}
		select {
		case one := <-j.lines:
			j.pass(one)
		case <-j.over:
			for { // what is there already
				select {
				case one := <-j.lines:
					j.pass(one)
					continue
				default:
				}
				break
			}
			normal = true
			close(j.ended)
			return
		}
	}
}

func (j *journal) pass(one logLine) {
	if dropped := j.dropped.Swap(0); dropped > 0 {
		j.logger.Warn("lines of the log were left out, as they came too fast", "lines", dropped)
	}
	j.logger.Log(context.Background(), one.level, one.line, "category", one.category)
}

func (j *journal) runsHere() bool { return j != nil && j.runner.Load() == goid() }

// end has the goroutine end once what is there was passed on.
func (j *journal) end() {
	if j != nil {
		j.once.Do(func() { close(j.over) })
	}
}

func slogLevel(level int32) slog.Level {
	switch level {
	case low.LogError:
		return slog.LevelError
	case low.LogWarning:
		return slog.LevelWarn
	case low.LogInfo:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}
