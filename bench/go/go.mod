module github.com/exoref/exoref/bench/go

go 1.23

require (
	github.com/exoref/exoref/bindings/go v0.0.0
	github.com/redis/go-redis/v9 v9.7.0
	github.com/redis/rueidis v1.0.53
)

require (
	github.com/cespare/xxhash/v2 v2.2.0 // indirect
	github.com/dgryski/go-rendezvous v0.0.0-20200823014737-9f7001d12a5f // indirect
	golang.org/x/sys v0.24.0 // indirect
)

replace github.com/exoref/exoref/bindings/go => ../../bindings/go
