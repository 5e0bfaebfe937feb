package config

// scheme is what the pages are made of, by day or by night: the grounds that an accent stands on
// (assets/css/10-tokens.css of internal/ui, which a test of internal/stack holds against these).
type scheme struct {
	name            string
	grounds         map[string]rgb
	accent, panel   rgb
	tinted          float64 // how much of the accent is in the tint
	stronger        float64 // how much lighter or darker the strong accent is
	panelAsAnAccent float64 // how light a panel is that is made of an accent
}

func day() scheme {
	return scheme{
		name: "light",
		grounds: map[string]rgb{
			"surface": mustColor("#ffffff"), "ground": mustColor("#f6f5f1"), "sunken": mustColor("#f4f3ee"),
		},
		accent: mustColor("#0b5f59"), panel: mustColor("#0c3b3a"), tinted: .1, stronger: -.07, panelAsAnAccent: .33,
	}
}

func night() scheme {
	return scheme{
		name: "dark",
		grounds: map[string]rgb{
			"surface": mustColor("#181c1c"), "ground": mustColor("#101313"), "sunken": mustColor("#212727"),
		},
		accent: mustColor("#7bd3c4"), panel: mustColor("#0a2625"), tinted: .2, stronger: .06, panelAsAnAccent: .25,
	}
}

// readable is the contrast of WCAG 2.2 AA for text.
const readable = 4.5

func (s scheme) tint(accent rgb) rgb { return mix(s.grounds["surface"], accent, s.tinted) }

func (s scheme) strong(accent rgb) rgb {
	l, _, _ := accent.lightness()
	return accent.atLightness(min(max(l+s.stronger, 0), 1))
}

// worst returns the ground on which an accent is the hardest to read, and the contrast there.
func (s scheme) worst(accent rgb) (name string, ground rgb, ratio float64) {
	ratio = 22
	all := map[string]rgb{"tint": s.tint(accent)}
	for name, ground := range s.grounds {
		all[name] = ground
	}
	for _, each := range []string{"surface", "ground", "sunken", "tint"} {
		if r := contrast(accent, all[each]); r < ratio {
			name, ground, ratio = each, all[each], r
		}
	}
	return name, ground, ratio
}

// nearest returns the color that looks like the accent and can be read on every ground.
func (s scheme) nearest(accent rgb) rgb {
	l, _, _ := accent.lightness()
	for step := 0.0; step <= 1; step += .004 {
		for _, to := range []float64{l - step, l + step} {
			if to < 0 || to > 1 {
				continue
			}
			candidate := accent
			if step > 0 {
				candidate = accent.atLightness(to)
			}
			if _, _, ratio := s.worst(candidate); ratio >= readable {
				return candidate
			}
		}
	}
	return s.accent
}

// on returns what can be read on a color best: white or black, one of which always can.
func on(c rgb) rgb {
	white, black := mustColor("#ffffff"), mustColor("#000000")
	if contrast(white, c) >= contrast(black, c) {
		return white
	}
	return black
}

// Palette returns the colors of the pages that differ from ours, by the names of their tokens, each by
// day and by night. It is empty when no color is set.
func (b Brand) Palette() map[string][2]string {
	out := map[string][2]string{}
	add := func(token string, day, night rgb) { out[token] = [2]string{day.String(), night.String()} }
	accent, accentSet := parseColor(b.Colors["accent"])
	accentDark, accentDarkSet := parseColor(b.Colors["accent_dark"])
	light, dark := day(), night()
	if accentSet || accentDarkSet {
		if !accentSet {
			accent = light.nearest(accentDark)
		}
		if !accentDarkSet {
			accentDark = dark.nearest(accent)
		}
		add("accent", accent, accentDark)
		add("accent-strong", light.strong(accent), dark.strong(accentDark))
		add("on-accent", on(accent), on(accentDark))
		add("tint", light.tint(accent), dark.tint(accentDark))
	}
	panel, panelSet := parseColor(b.Colors["panel"])
	panelDark, panelDarkSet := parseColor(b.Colors["panel_dark"])
	if accentSet || accentDarkSet || panelSet || panelDarkSet {
		switch {
		case panelSet:
		case panelDarkSet:
			panel = panelDark
		default:
			panel = accent.atLightness(light.panelAsAnAccent)
		}
		if !panelDarkSet {
			panelDark = panel
			if l, _, _ := panel.lightness(); l > dark.panelAsAnAccent {
				panelDark = panel.atLightness(dark.panelAsAnAccent)
			}
		}
		add("panel", panel, panelDark)
		add("on-panel", on(panel), on(panelDark))
		add("thread", mix(panel, on(panel), .5), mix(panelDark, on(panelDark), .45))
	}
	return out
}
