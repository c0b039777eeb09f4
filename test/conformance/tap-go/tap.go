// SPDX-License-Identifier: Apache-2.0

// Package tap writes results in the Test Anything Protocol, version 13. It has what the validation suite calls, since Debian has no package of
// the one that the suite imports by this name.
package tap

import (
	"encoding/json"
	"fmt"
	"strings"
)

// T counts the results of one program.
type T struct {
	count *int
	todo  string
}

// New begins without a result.
func New() *T { return &T{count: new(int)} }

// Todo is the same for a result that may fail, by the protocol's directive of that name.
func (t *T) Todo() *T { return &T{count: t.count, todo: "# TODO "} }

// Header writes the version, and the plan where the number of results is known: not 0.
func (t *T) Header(planned int) {
	fmt.Println("TAP version 13")
	if planned > 0 {
		fmt.Printf("1..%d\n", planned)
	}
}

// AutoPlan writes as the plan what there was.
func (t *T) AutoPlan() { fmt.Printf("1..%d\n", *t.count) }

// Ok writes one result.
func (t *T) Ok(passed bool, description string) {
	word := "ok"
	if !passed {
		word = "not ok"
	}
	*t.count++
	fmt.Printf("%s %d %s%s\n", word, *t.count, t.todo, description)
}

// Pass is a result that is as it should be.
func (t *T) Pass(description string) { t.Ok(true, description) }

// Fail is one that is not.
func (t *T) Fail(description string) { t.Ok(false, description) }

// Skip writes as many results that were not looked for.
func (t *T) Skip(count int, description string) {
	for i := 0; i < count; i++ {
		*t.count++
		fmt.Printf("ok %d # SKIP %s\n", *t.count, description)
	}
}

// YAML adds facts to the last result, as JSON, which is YAML.
func (t *T) YAML(facts interface{}) error {
	text, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	fmt.Printf("  ---\n  %s\n  ...\n", text)
	return nil
}

// Diagnostic writes lines that are no results.
func (t *T) Diagnostic(text string) {
	fmt.Println("# " + strings.ReplaceAll(text, "\n", "\n# "))
}

// Diagnosticf is Diagnostic with a format.
func (t *T) Diagnosticf(format string, values ...interface{}) {
	t.Diagnostic(fmt.Sprintf(format, values...))
}
