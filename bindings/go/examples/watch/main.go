// Command watch shows how a process is told of each change of an atom, whoever made it: as a loop, and by a function.
//
//	go run ./examples/watch [URL]
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
)

// Config is what many processes share.
type Config struct{ Workers int }

func run(ctx context.Context, url string) error {
	client, err := exoref.Open(ctx, url)
	if err != nil {
		return err
	}
	defer client.Close()
	config, err := exoref.CreateAtom(ctx, client, "watch:config", Config{})
	if err != nil {
		return err
	}
	if _, err := config.Reset(ctx, Config{Workers: 1}); err != nil {
		return err
	}

	// A function is called by a goroutine of the client, one change after the other.
	called := make(chan uint64, 10)
	_, err = config.AddWatch(ctx, "print", func(_ context.Context, change exoref.Change[Config]) error {
		called <- change.Version - change.Old.Version()
		return nil
	})
	if err != nil {
		return err
	}

	// A loop begins with the state of now; no change after it is left out.
	start, changes, err := config.Changes(ctx)
	if err != nil {
		return err
	}
	now, err := start.Get()
	if err != nil {
		return err
	}
	fmt.Println("it begins with", now.Workers)

	// This could be any process, in any language.
	go func() {
		for _, workers := range []int{2, 4, 8} {
			if _, err := config.Reset(ctx, Config{Workers: workers}); err != nil {
				log.Print(err)
			}
		}
	}()

	for change := range changes {
		if change.Deleted {
			break
		}
		now, err := change.New.Get()
		if err != nil {
			return err
		}
		fmt.Println("now", now.Workers)
		if now.Workers == 8 {
			break // which removes the watch
		}
	}
	for range 3 {
		<-called
	}
	fmt.Println("the function was called for each of the three")
	return config.RemoveWatch(ctx, "print")
}

func main() {
	url := ""
	if len(os.Args) > 1 {
		url = os.Args[1]
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, url); err != nil {
		log.Fatal(err)
	}
}
