// Command delay shows a value that is computed when somebody first asks for it, once among all processes.
//
//	go run ./examples/delay [URL]
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

// Each machine offers to build the report; one of them does.
func offer(ctx context.Context, client *exoref.Client, key string) (*exoref.Delay[string], error) {
	return exoref.OpenDelay(ctx, client, key, func(ctx context.Context, lease *exoref.Lease[string]) (string, error) {
		// The context ends if the lease is lost: the result would be refused then. A long body passes it on.
		if err := ctx.Err(); err != nil {
			return "", err
		}
		return fmt.Sprintf("built by run %d", lease.Token()), nil
	})
}

func run(ctx context.Context, url string) error {
	client, err := exoref.Open(ctx, url)
	if err != nil {
		return err
	}
	defer client.Close()
	key := fmt.Sprintf("delay:report:%d:%d", os.Getpid(), time.Now().UnixNano())

	for machine := range 3 {
		report, err := offer(ctx, client, key)
		if err != nil {
			return err
		}
		defer report.Close()
		text, err := report.Deref(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("machine %d has: %s\n", machine+1, text)
	}

	// A failure is a result too: everybody gets the same one, here and elsewhere, now and later.
	print, err := exoref.OpenDelay(ctx, client, key+":print", func(context.Context, *exoref.Lease[string]) (string, error) {
		return "", &exoref.BodyFailure{Kind: "paper", Message: "the printer is out of paper"}
	})
	if err != nil {
		return err
	}
	_, err = print.Deref(ctx)
	var failure *exoref.Error
	if errors.As(err, &failure) && failure.Status == exoref.ErrBody {
		fmt.Printf("everybody is told: %s (%s)\n", failure.Message, failure.Kind)
	}

	// The pull form: whoever gets the lease computes, in a way of his own.
	byHand, err := exoref.OpenDelay[string](ctx, client, key+":by hand", nil)
	if err != nil {
		return err
	}
	claimed, err := byHand.Claim(ctx)
	if err != nil {
		return err
	}
	if claimed.Lease != nil {
		defer claimed.Lease.Close()
		if _, err := claimed.Lease.Deliver(ctx, "built by hand"); err != nil {
			return err
		}
	}
	text, err := byHand.Deref(ctx)
	if err != nil {
		return err
	}
	fmt.Println("by hand:", text)
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
