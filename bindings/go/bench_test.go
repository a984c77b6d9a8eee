package exoref

import (
	"context"
	"testing"
)

func BenchmarkDerefOfARealizedPromise(b *testing.B) {
	client := open(b)
	ctx := within(b)
	promise := must(OpenPromise[[]byte](ctx, client, fresh(b), WithCodec(Bytes)))(b)
	must(promise.Deliver(ctx, []byte("0123456789abcdef")))(b)
	must(promise.Deref(ctx))(b)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if _, err := promise.Deref(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSwap(b *testing.B) {
	client := open(b)
	for name, ctx := range map[string]context.Context{"background": context.Background(), "deadline": within(b)} {
		b.Run(name, func(b *testing.B) {
			atom := must(CreateAtom(ctx, client, fresh(b), []byte("0123456789abcdef"), WithCodec(Bytes)))(b)
			b.ReportAllocs()
			for range b.N {
				if _, err := atom.Swap(ctx, func(old []byte) ([]byte, error) { return old, nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
