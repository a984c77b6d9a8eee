// Command promise shows a result that is handed over: whoever needs it waits, and may come before or after.
//
//	go run ./examples/promise [URL]
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
)

// All open it alike: whoever comes first makes it, and it lives for an hour after the delivery.
func openResult(ctx context.Context, client *exoref.Client, key string) (*exoref.Promise[string], error) {
	return exoref.OpenPromise[string](ctx, client, key, exoref.With("ttl", "1h"))
}

func run(ctx context.Context, url string) error {
	client, err := exoref.Open(ctx, url)
	if err != nil {
		return err
	}
	defer client.Close()
	key := fmt.Sprintf("promise:report:%d:%d", os.Getpid(), time.Now().UnixNano())

	wanted, err := openResult(ctx, client, key)
	if err != nil {
		return err
	}
	// A wait ends with its context, and leaves the promise as it was.
	impatient, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	_, err = wanted.Deref(impatient)
	fmt.Println("not there yet:", errors.Is(err, exoref.ErrTimeout))

	// A wait beside which other things go on.
	later := wanted.DerefAsync(ctx)

	// Another process delivers. To deliver again is no error: the answer is what stands.
	for _, text := range []string{"report 17", "report 18"} {
		result, err := openResult(ctx, client, key)
		if err != nil {
			return err
		}
		answer, err := result.Deliver(ctx, text)
		if err != nil {
			return err
		}
		standing, err := answer.Standing.Get()
		if err != nil {
			return err
		}
		fmt.Printf("delivered %q: %v, it is %q\n", text, answer.Delivered, standing)
	}

	select {
	case <-later.Done():
	case <-ctx.Done():
		return ctx.Err()
	}
	value, err := later.Get(ctx)
	if err != nil {
		return err
	}
	fmt.Println("who waited has", value)
	text, err := wanted.Deref(ctx) // from memory now
	if err != nil {
		return err
	}
	fmt.Println("and reads it again:", text)
	return nil
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
