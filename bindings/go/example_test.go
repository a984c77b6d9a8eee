package exoref_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
)

var (
	ctx    context.Context
	client *exoref.Client
)

func ExampleAtom_Swap() {
	visits, err := exoref.CreateAtom(ctx, client, "visits", 0)
	if err != nil {
		log.Fatal(err)
	}
	n, err := visits.Swap(ctx, func(n int) (int, error) { return n + 1, nil })
	switch exoref.ClassOf(err) {
	case exoref.ClassOK:
		fmt.Println("visit number", n)
	case exoref.ClassNotAppliedRetry:
		fmt.Println("certainly not counted; try again:", err)
	case exoref.ClassUnknown:
		fmt.Println("perhaps counted:", err)
	default:
		log.Fatal(err)
	}
}

func ExampleAtom_Changes() {
	config, err := exoref.OpenAtom[map[string]string](ctx, client, "config", exoref.With("absent", "allow"))
	if err != nil {
		log.Fatal(err)
	}
	start, changes, err := config.Changes(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("at first:", start)
	for change := range changes {
		fmt.Println("now:", change.New, "missed:", change.Missed)
	}
}

func ExamplePromise_Deref() {
	result, err := exoref.OpenPromise[string](ctx, client, "jobs:17:result", exoref.With("ttl", "1h"))
	if err != nil {
		log.Fatal(err)
	}
	impatient, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	text, err := result.Deref(impatient)
	if errors.Is(err, exoref.ErrTimeout) {
		fmt.Println("nobody has delivered it yet")
		return
	}
	fmt.Println(text, err)
}

func ExampleOpenDelay() {
	report, err := exoref.OpenDelay(ctx, client, "report", func(ctx context.Context, lease *exoref.Lease[string]) (string, error) {
		// On many machines: one of them comes here, when somebody asks.
		return fmt.Sprintf("built by run %d", lease.Token()), ctx.Err()
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Deref(ctx))
}
