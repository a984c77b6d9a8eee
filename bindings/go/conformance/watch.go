package main

import (
	"context"
	"errors"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
)

// Watches: each writes the changes that it is told of into a log, which a step reads.
var watchPlayers = map[string]player{
	"atom.add_watch": func(s *step) {
		atom, key, name := theCase.atoms.take(s), string(s.bytes("watch")), s.text("log")
		does, save, ctx := s.textOr("does", "record"), s.textOr("save", ""), s.timeout()
		if does != "record" && does != "fail" && does != "remove" {
			panic(faultf("no watch does %q", does))
		}
		s.ready()
		log, there := theCase.logs.all[name]
		if !there {
			log = newRecord()
			theCase.logs.keep(name, log)
		}
		s.giveState(save, must(atom.AddWatch(ctx, key, func(ctx context.Context, change exoref.Change[[]byte]) error {
			log.add(eventOf(change))
			switch does {
			case "remove":
				return atom.RemoveWatch(ctx, change.WatchKey)
			case "fail":
				return errors.New("this watch fails")
			}
			return nil
		})))
	},
	"atom.remove_watch": func(s *step) {
		atom, key := theCase.atoms.take(s), string(s.bytes("watch"))
		s.ready()
		check(atom.RemoveWatch(context.Background(), key))
	},
	"log.read": func(s *step) {
		log, count, most := theCase.logs.take(s), s.number("count", 0), s.number("timeout", 0)
		s.ready()
		events, _ := log.until(func(events []any) bool { return int64(len(events)) >= count }, time.Duration(most)*time.Millisecond)
		s.give("events", events)
	},
}

func eventOf(change exoref.Change[[]byte]) map[string]any {
	flags := []string{}
	for name, is := range map[string]bool{
		"rewound": change.Rewound, "deleted": change.Deleted, "recreated": change.Recreated, "uncertain": change.Uncertain,
	} {
		if is {
			flags = append(flags, name)
		}
	}
	event := map[string]any{"watch": toWire([]byte(change.WatchKey)), "version": change.Version, "missed": change.Missed, "flags": flags}
	if change.Old != nil {
		event["old"] = toWire(change.Old.Bytes())
	}
	if change.New != nil {
		event["new"] = toWire(change.New.Bytes())
	}
	return event
}
