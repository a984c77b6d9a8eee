// Command demo takes part in a demonstration of processes in several languages: each adds to one atom, waits for one promise, and offers
// to compute one delay.
//
//	go run ./examples/demo URL NAME COUNT
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
)

func run(url, name string, count int) error {
	ctx := context.Background()
	client, err := exoref.Open(ctx, url)
	if err != nil {
		return err
	}
	defer client.Close()

	// All add to one number, and none is lost.
	languages, err := exoref.CreateAtom(ctx, client, "demo:languages", 0)
	if err != nil {
		return err
	}
	for range count {
		if _, err := languages.Swap(ctx, func(n int) (int, error) { return n + 1, nil }); err != nil {
			return err
		}
	}
	fmt.Println("counted", count)

	patient, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	// Somebody delivers it, once; all hear it.
	start, err := exoref.OpenPromise[any](ctx, client, "demo:go")
	if err != nil {
		return err
	}
	heard, err := start.Deref(patient)
	if err != nil {
		return err
	}
	fmt.Println("heard", heard)

	patient, cancel = context.WithTimeout(ctx, time.Minute)
	defer cancel()
	// Each offers to compute it, one does; all have it.
	answer, err := exoref.OpenDelay(ctx, client, "demo:answer", func(context.Context, *exoref.Lease[string]) (string, error) {
		return "computed by " + name, nil
	})
	if err != nil {
		return err
	}
	has, err := answer.Deref(patient)
	if err != nil {
		return err
	}
	fmt.Println("has", has)
	return nil
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: demo URL NAME COUNT")
	}
	count, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	if err := run(os.Args[1], os.Args[2], count); err != nil {
		log.Fatal(err)
	}
}
