module github.com/exoref/exoref/bindings/go

go 1.23
