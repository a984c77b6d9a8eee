package exoref

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The samples are built and run, and print what they say that they print.
func TestSamples(t *testing.T) {
	built := samples(t)
	for name, expected := range map[string]string{
		"basic": `after a deposit: 120
a withdrawal: the account has too little on it
handed over: false, as it is {Owner:Ada Balance:120}
no time left: not applied, retry
`,
		"watch": `it begins with 1
now 2
now 4
now 8
the function was called for each of the three
`,
		"promise": `not there yet: true
delivered "report 17": true, it is "report 17"
delivered "report 18": false, it is "report 17"
who waited has "report 17"
and reads it again: report 17
`,
		"delay": `machine 1 has: built by run 1
machine 2 has: built by run 1
machine 3 has: built by run 1
everybody is told: the printer is out of paper (paper)
by hand: built by hand
`,
	} {
		t.Run(name, func(t *testing.T) {
			output, err := exec.CommandContext(within(t), filepath.Join(built, name), serverURL).CombinedOutput()
			if err != nil || string(output) != expected {
				t.Fatalf("%v:\n%s\nexpected:\n%s", err, output, expected)
			}
		})
	}
}

// samples is the folder of the samples that were built.
func samples(t *testing.T) string {
	t.Helper()
	built := os.Getenv("EXOREF_GO_SAMPLES")
	if built == "" {
		built = t.TempDir()
		goRun(t, ".", "build", "-o", built+"/", "./examples/...")
	}
	return built
}

// Several of the demonstration's processes, on a server of their own.
func TestDemo(t *testing.T) {
	built := samples(t)
	url, _ := stoppable(t)
	ctx := within(t)
	const count = 20
	outputs := make(chan string, 3)
	for range cap(outputs) {
		go func() {
			output, err := exec.CommandContext(ctx, filepath.Join(built, "demo"), url, "Go", strconv.Itoa(count)).CombinedOutput()
			if err != nil {
				output = append(output, err.Error()...)
			}
			outputs <- string(output)
		}()
	}
	client := must(Open(ctx, url))(t)
	defer client.Close()
	must(must(OpenPromise[string](ctx, client, "demo:go"))(t).Deliver(ctx, "the word"))(t)
	for range cap(outputs) {
		same(t, "output", await(t, "an output", outputs), "counted 20\nheard the word\nhas computed by Go\n")
	}
	languages := must(OpenAtom[int](ctx, client, "demo:languages"))(t)
	same(t, "sum", must(languages.Deref(ctx))(t), cap(outputs)*count)
}

func goRun(t *testing.T, directory string, arguments ...string) string {
	t.Helper()
	command := exec.Command("go", arguments...)
	command.Dir = directory
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return string(output)
}

// The first example of the README is a program; what it prints stands below it.
func TestExampleOfTheReadme(t *testing.T) {
	readme := string(must(os.ReadFile("README.md"))(t))
	blocks := regexp.MustCompile("(?s)```go\n(package main.*?)```.*?```\n(.*?)```").FindStringSubmatch(readme)
	same(t, "found", len(blocks), 3)
	directory := t.TempDir()
	here := must(filepath.Abs("."))(t)
	check(t, os.WriteFile(filepath.Join(directory, "main.go"), []byte(blocks[1]), 0o600))
	module := "module example\n\ngo 1.23\n\nrequire github.com/exoref/exoref/bindings/go v0.0.0\n\n" +
		"replace github.com/exoref/exoref/bindings/go => " + here + "\n"
	check(t, os.WriteFile(filepath.Join(directory, "go.mod"), []byte(module), 0o600))
	goRun(t, directory, "build", "-mod=mod", "-o", "example", ".")
	command := exec.CommandContext(within(t), filepath.Join(directory, "example"))
	command.Env = append(os.Environ(), "EXOREF_URL="+serverURL)
	output, err := command.CombinedOutput()
	check(t, err)
	same(t, "output", string(output), blocks[2])
}
