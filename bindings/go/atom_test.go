package exoref

import "testing"

func TestAtomThinPath(t *testing.T) {
	client := open(t)
	ctx := within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	defer atom.Close()
	same(t, "created", atom.Created(), true)
	same(t, "deref", must(atom.Deref(ctx))(t), 1)
	set := must(atom.Reset(ctx, 5))(t)
	same(t, "version", set.Version(), 2)
	same(t, "swap", must(atom.Swap(ctx, func(n int) (int, error) { return n + 1, nil }))(t), 6)
}
