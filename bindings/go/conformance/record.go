package main

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// record is what watches were told, or the lines of a client's log, in the order in which they came.
type record struct {
	mu      sync.Mutex
	events  []any
	changed chan struct{} // closed with the next event
}

func newRecord() *record { return &record{events: []any{}, changed: make(chan struct{})} }

func (r *record) add(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, event)
	close(r.changed)
	r.changed = make(chan struct{})
}

// until gives all events, once they are enough, or when the time is over; whether they were.
func (r *record) until(enough func([]any) bool, most time.Duration) ([]any, bool) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	for {
		r.mu.Lock()
		events, changed := append([]any{}, r.events...), r.changed
		r.mu.Unlock()
		if enough(events) {
			return events, true
		}
		select {
		case <-changed:
		case <-timer.C:
			return events, false
		}
	}
}

func (r *record) has(text string, most time.Duration) bool {
	_, has := r.until(func(lines []any) bool {
		for _, line := range lines {
			if strings.Contains(line.(string), text) {
				return true
			}
		}
		return false
	}, most)
	return has
}

// handler writes the log of a client into a record.
type handler struct{ into *record }

func (h handler) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }
func (h handler) Handle(_ context.Context, line slog.Record) error {
	h.into.add(line.Message)
	return nil
}
func (h handler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h handler) WithGroup(string) slog.Handler      { return h }
