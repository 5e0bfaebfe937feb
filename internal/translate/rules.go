package translate

import (
	"fmt"
	"strings"
)

// rule says what becomes of the keys that fit its pattern.
type rule struct {
	pattern string
	do      func(*draft, entry) verdict
}

// verdict is what became of a key.
type verdict struct {
	fate Fate
	to   []string
	why  string
}

// ruleFor returns the first rule that fits. What is inside of a list belongs to the list.
func ruleFor(engine, path string) (rule, bool) {
	path, _, _ = strings.Cut(path, "[")
	rules := hydraRules()
	if engine == kratos {
		rules = kratosRules()
	}
	for _, r := range rules {
		// A rule for a map or a list is one for all that is in it.
		if matches(r.pattern, path) || matches(r.pattern+".**", path) && path != r.pattern {
			return r, true
		}
	}
	return rule{}, false
}

func translated(why string, words ...string) verdict { return verdict{Translated, words, why} }

func dropped(format string, args ...any) verdict {
	return verdict{Dropped, nil, fmt.Sprintf(format, args...)}
}

// drop leaves a key out, always for the same reason.
func drop(why string) func(*draft, entry) verdict {
	return func(*draft, entry) verdict { return verdict{Dropped, nil, why} }
}

// keep writes a key into the verbatim block.
func keep(d *draft, e entry) verdict { return d.keep(e, "") }

func (d *draft) keep(e entry, why string) verdict {
	d.block(e.engine, e.path, e.value)
	return verdict{Kept, []string{e.engine + "." + e.path}, why}
}

// block writes into the verbatim block.
func (d *draft) block(engine, path string, v any) {
	if HoldsSecret(path, v) {
		d.sealed = true
		d.note(engine+"."+path, "holds a secret that has no word for a file: stack.yaml is readable by its owner alone. Keep it so, or put the "+
			"whole %s: block into a file of its own and name that in IDENTITYD_%s_FILE", engine, strings.ToUpper(engine))
	}
	d.blocks[engine][path] = v
	if hosts := callees(v); len(hosts) > 0 {
		d.allow(hosts)
	}
}

// to writes the value as it is into a word of ours.
func to(word string) func(*draft, entry) verdict {
	return func(d *draft, e entry) verdict {
		d.set(word, e.value)
		return translated("", word)
	}
}

// like is for what identityd always does: the value is either the same, or is kept.
func like(ours any, word string) func(*draft, entry) verdict {
	return func(d *draft, e entry) verdict {
		if fmt.Sprint(e.value) == fmt.Sprint(ours) || fmt.Sprint(e.value) == "1" && ours == true {
			return dropped("identityd does so in any case")
		}
		return d.keep(e, word)
	}
}

// finally is for keys whose words several of them make together, in facts and finish.
func finally(why string, words ...string) func(*draft, entry) verdict {
	return func(*draft, entry) verdict { return translated(why, words...) }
}
