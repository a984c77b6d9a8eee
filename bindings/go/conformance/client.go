package main

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
)

var clientPlayers = map[string]player{
	"client.open": func(s *step) {
		name, url := s.text("client"), s.text("url")
		named, _ := s.take("options")
		options := s.options()
		s.ready()
		theCase.clients.free(name)
		if all, ok := named.(map[string]any); ok {
			theCase.prefix, _ = all["prefix"].(string)
			if text, ok := all["timeout"].(string); ok {
				theCase.usual = must(time.ParseDuration(text))
			}
		}
		theCase.url = url
		lines := newRecord()
		theCase.lines.keep(name, lines)
		options = append(options, exoref.WithLogger(slog.New(handler{lines})))
		theCase.clients.keep(name, must(exoref.Open(context.Background(), url, options...)))
	},
	"client.close": func(s *step) {
		client := theCase.clients.take(s)
		s.ready()
		check(client.Close())
	},
	// Waits until a line of the client's log has the text.
	"client.logged": func(s *step) {
		lines := theCase.lines.find(s.textOr("client", "main"))
		text, most := s.text("text"), s.number("timeout", 0)
		s.ready()
		s.give("logged", lines.has(text, time.Duration(most)*time.Millisecond))
	},
	"client.delete": func(s *step) {
		client, key, ctx := theCase.clientOf(s), string(s.bytes("key")), s.timeout()
		s.ready()
		s.give("deleted", must(client.Delete(ctx, key)))
	},
	"client.expire": func(s *step) {
		client, key, ms, ctx := theCase.clientOf(s), string(s.bytes("key")), s.number("ttl", 0), s.timeout()
		s.ready()
		ttl := exoref.NoTTL
		if ms != 0 {
			ttl = time.Duration(ms) * time.Millisecond
		}
		check(client.Expire(ctx, key, ttl))
	},
	"client.realized": func(s *step) {
		client, key, kind, ctx := theCase.clientOf(s), string(s.bytes("key")), s.textOr("type", ""), s.timeout()
		s.ready()
		s.give("realized", must(client.Realized(ctx, key, kind)))
	},
	"client.inspect": func(s *step) {
		client, key, ctx := theCase.clientOf(s), string(s.bytes("key")), s.timeout()
		s.ready()
		info := must(client.Inspect(ctx, key))
		for name, text := range map[string]string{
			"type": info.Type, "codec": info.Codec, "state": info.State, "failure": info.Failure, "ttl": "", "attempt": "",
		} {
			s.give(name, text)
		}
		if info.TTL != exoref.NoTTL {
			s.give("ttl", strconv.FormatInt(info.TTL.Milliseconds(), 10))
		}
		if info.Type == "delay" {
			s.give("attempt", strconv.FormatInt(info.Attempt, 10))
		}
		s.give("version", info.Version)
		if info.Value != nil {
			s.give("value", toWire(info.Value))
		}
		if info.Meta != nil {
			s.give("meta", toWire(info.Meta))
		}
	},
}
