package exoref

import (
	"strconv"
	"sync"
	"sync/atomic"
)

// inTurn has the library told of watches one after the other: the order of two under one key is known by their turns.
func (c *core) inTurn(tell func(turn uint64) error) error {
	c.turns.Lock()
	defer c.turns.Unlock()
	c.lastTurn++
	return tell(c.lastTurn)
}

// added is for when the library has added the watch, or could not.
func (c *core) added(w *watch, err error) error {
	if w.turn == 0 { // it was not even asked
		return err
	}
	return c.inTurn(func(uint64) error {
		if c.adding[w.name]--; c.adding[w.name] == 0 {
			delete(c.adding, w.name)
		}
		if err == nil {
			err = c.keep(w)
		}
		return err
	})
}

// keep remembers a watch that was added, in place of one that it has replaced; unless it has been replaced itself meanwhile. ErrClosed: the
// client or the atom's handle was closed meanwhile, and so the watch is over.
func (c *core) keep(w *watch) error {
	c.mu.Lock()
	switch {
	case c.watchesEnded:
		c.mu.Unlock()
		return closedError("client")
	case w.h.closing:
		c.mu.Unlock()
		w.removeNative()
		return closedError(w.h.what)
	}
	before := c.watches[w.name]
	if before != nil && before.turn > w.turn {
		before = w
	} else {
		c.watches[w.name] = w
	}
	c.mu.Unlock()
	if before != nil {
		before.forget()
	}
	return nil
}

// drop takes out the watch that was added before this turn.
func (c *core) drop(name watchName, turn uint64) *watch {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.watches[name]
	if w == nil || w.turn > turn {
		return nil
	}
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

// removeWatchesOf is for when the handle is about to be closed.
func (c *core) removeWatchesOf(h *handle) {
	c.mu.Lock()
	h.closing = true
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
	c.watches, c.watchesEnded = map[watchName]*watch{}, true
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
