// Command basic shows an atom: a value that many processes change by functions.
//
//	go run ./examples/basic [URL]        the URL is the environment's EXOREF_URL if left out
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

// Account is kept as JSON, so processes in other languages read it too.
type Account struct {
	Owner   string
	Balance int
}

var errTooPoor = errors.New("the account has too little on it")

func run(ctx context.Context, url string) error {
	client, err := exoref.Open(ctx, url)
	if err != nil {
		return err
	}
	defer client.Close()

	// It is created with this value if it does not exist yet.
	account, err := exoref.CreateAtom(ctx, client, "basic:account", Account{Owner: "Ada"})
	if err != nil {
		return err
	}
	defer account.Close()
	if _, err := account.Reset(ctx, Account{Owner: "Ada", Balance: 100}); err != nil {
		return err
	}

	// The function is called again for each time that another process was faster, so it does nothing but compute.
	now, err := account.Swap(ctx, func(old Account) (Account, error) {
		old.Balance += 20
		return old, nil
	})
	if err != nil {
		return err
	}
	fmt.Println("after a deposit:", now.Balance)

	// An error of the function ends the swap, changes nothing, and comes out of it.
	_, err = account.Swap(ctx, func(old Account) (Account, error) {
		if old.Balance < 500 {
			return old, errTooPoor
		}
		old.Balance -= 500
		return old, nil
	})
	if !errors.Is(err, errTooPoor) {
		return fmt.Errorf("the withdrawal ended with %w", err)
	}
	fmt.Println("a withdrawal:", errTooPoor)

	// A step that is allowed from one value only. Not to match is no error.
	answer, err := account.CompareAndSet(ctx, Account{Owner: "Ada"}, Account{Owner: "Grace"})
	if err != nil {
		return err
	}
	standing, err := answer.Standing.Get()
	if err != nil {
		return err
	}
	fmt.Printf("handed over: %v, as it is %+v\n", answer.Swapped, standing)

	// What an error means for the state tells what to do about it.
	expired, cancel := context.WithTimeout(ctx, 0)
	defer cancel()
	_, err = account.Reset(expired, Account{})
	fmt.Println("no time left:", exoref.ClassOf(err))
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
