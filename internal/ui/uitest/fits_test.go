package uitest_test

import (
	"testing"

	"example.com/identityd/internal/ui/uitest"
)

// TestEveryPageFits looks at each page in the narrowest window that WCAG asks for (1.4.10), and in a
// small one with scripts switched off: nobody has to scroll sideways.
func TestEveryPageFits(t *testing.T) {
	b := openTab(t, startBrowser(t))
	stage := uitest.NewStage(t, nil)
	for _, language := range []string{"en", "de", "ar"} {
		b.language(language)
		b.window(320, 640, "light")
		for _, s := range uitest.States() {
			b.visit(stage.Show(s))
			if wide := eval[float64](b, "document.documentElement.scrollWidth"); wide > 320 {
				t.Errorf("%s in %s is %.0f pixels wide in a window of 320; %s", s.Name, language, wide, eval[string](b, widest))
			}
			if small := eval[[]string](b, tooSmall); len(small) > 0 {
				t.Errorf("%s in %s has targets smaller than 24 pixels, or main buttons smaller than 44: %q", s.Name, language, small)
			}
		}
	}
}

// widest names the elements that stick out.
const widest = `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > 321 || e.getBoundingClientRect().left < -1)
	.map(e => e.tagName + "." + e.className).slice(0, 5).join(" ")`

// tooSmall names what is hard to press. Links in sentences are exempt (2.5.8), and so is what is hidden.
const tooSmall = `[...document.querySelectorAll("a, button, input:not([type=hidden]), summary, select")].filter(e => {
		const r = e.getBoundingClientRect(), s = getComputedStyle(e);
		if (!e.checkVisibility() || r.width <= 1 || s.display === "inline") return false;
		return r.height < (e.matches(".button:not(.small)") ? 44 : 24) && !e.closest("label");
	}).map(e => e.outerHTML.slice(0, 120))`

// TestEveryPageWorksWithoutScripts looks at each page with scripts switched off: there is a way on
// by a link or a form, and nothing to press that only a script would answer.
func TestEveryPageWorksWithoutScripts(t *testing.T) {
	b := openTab(t, startBrowser(t))
	b.scripts(false)
	stage := uitest.NewStage(t, nil)
	for _, s := range uitest.States() {
		b.visit(stage.Show(s))
		if dead := eval[[]string](b, deadEnds); len(dead) > 0 {
			t.Errorf("%s cannot be used without scripts: %q", s.Name, dead)
		}
	}
}

const deadEnds = `(() => {
		const seen = e => e.checkVisibility(), all = q => [...document.querySelectorAll(q)].filter(seen);
		const dead = all("button[type=button]").map(e => e.outerHTML.slice(0, 120));
		for (const f of all("main form"))
			if (![...f.querySelectorAll("button")].some(e => seen(e) && e.type === "submit")) dead.push("no button: " + f.outerHTML.slice(0, 120));
		if (!all("main a[href], main button").length && !all("main .notice, main .lead").length) dead.push("no way on");
		return dead;
	})()`
