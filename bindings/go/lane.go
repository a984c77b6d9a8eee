package exoref

import (
	"strconv"
	"sync"
	"sync/atomic"
)

// keep remembers a watch that was added, in place of one that it has replaced.
func (c *core) keep(w *watch) {
	c.mu.Lock()
	before := c.watches[w.name]
	c.watches[w.name] = w
	c.mu.Unlock()
	if before != nil {
		before.forget()
	}
}

func (c *core) drop(name watchName) *watch {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.watches[name]
	delete(c.watches, name)
	return w
}

func (c *core) dropThis(w *watch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watches[w.name] != w {
		return false
	}
	delete(c.watches, w.name)
	return true
}

func (c *core) removeWatchesOf(h *handle) {
	c.mu.Lock()
	var of []*watch
	for _, w := range c.watches {
		if w.h == h {
			of = append(of, w)
		}
	}
	c.mu.Unlock()
	for _, w := range of {
		w.remove()
	}
}

// endWatches is for when the client is closed.
func (c *core) endWatches() {
	c.mu.Lock()
	all := c.watches
	c.watches = map[watchName]*watch{}
	clear(c.listeners) // they refer to the client, which is collected only when nothing of it does
	c.mu.Unlock()
	for _, w := range all {
		w.forget()
	}
}

var watchKeys atomic.Uint64

func (c *core) uniqueWatchKey() string { return "go:" + strconv.FormatUint(watchKeys.Add(1), 10) }

// lane is the goroutine that calls the watches, from the first change on.
type lane struct {
	mu      sync.Mutex
	queue   []*watch // once for each change
	waiting chan struct{}
	started bool
	over    bool
	runner  uint64
	gone    chan struct{} // closed when it calls nothing any more
}

func (l *lane) init() { l.waiting, l.gone = make(chan struct{}, 1), make(chan struct{}) }

func (l *lane) add(w *watch) {
	l.mu.Lock()
	if !l.over {
		l.queue = append(l.queue, w)
	}
	if !l.started {
		l.started = true
		go l.run()
	}
	l.mu.Unlock()
	l.wake()
}

func (l *lane) wake() {
	select {
	case l.waiting <- struct{}{}:
	default:
	}
}

func (l *lane) run() {
	normal := false
	defer func() {
		if !normal { // a watch has ended this goroutine, by runtime.Goexit
			go l.run()
		}
	}()
	l.mu.Lock()
	l.runner = goid()
	l.mu.Unlock()
	for {
		l.mu.Lock()
		if l.over {
			l.mu.Unlock()
			break
		}
		var next *watch
		if len(l.queue) > 0 {
			next = l.queue[0]
			l.queue[0] = nil
			l.queue = l.queue[1:]
		}
		l.mu.Unlock()
		if next == nil {
			<-l.waiting
			continue
		}
		next.run()
	}
	normal = true
	close(l.gone)
}

// end has it call nothing more than what runs now.
func (l *lane) end() {
	l.mu.Lock()
	l.over, l.queue = true, nil
	if !l.started {
		l.started = true
		close(l.gone)
	}
	l.mu.Unlock()
	l.wake()
}

func (l *lane) idle() <-chan struct{} { return l.gone }

func (l *lane) runsHere() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.started && l.runner == goid()
}
