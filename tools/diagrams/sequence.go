package main

import (
	"fmt"
	"slices"
	"strings"
)

// sequence is who says what to whom, from top to bottom:
//
//	lane browser Browser            a column
//	band hydra kratos one process   a ground behind some columns
//	browser > hydra open /oauth2    an arrow; | breaks its words into lines
//	hydra .> browser to the pages   an answer, dashed
//	at hydra accepts                words at a column
//	rule who is it?                 a line across, with words
type sequence struct {
	lanes []lane
	bands []lane
	steps []step
}

type lane struct{ id, to, title string }

type step struct{ kind, from, to, text string }

func (s *sequence) line(text string) error {
	f := strings.Fields(text)
	rest := func(from int) string { return strings.Join(f[min(from, len(f)):], " ") }
	switch {
	case len(f) >= 3 && f[0] == "lane":
		s.lanes = append(s.lanes, lane{f[1], "", rest(2)})
	case len(f) >= 4 && f[0] == "band":
		s.bands = append(s.bands, lane{f[1], f[2], rest(3)})
	case len(f) >= 2 && f[0] == "rule":
		s.steps = append(s.steps, step{"rule", "", "", rest(1)})
	case len(f) >= 3 && f[0] == "at":
		s.steps = append(s.steps, step{"at", f[1], "", rest(2)})
	case len(f) >= 4 && (f[1] == ">" || f[1] == ".>"):
		s.steps = append(s.steps, step{f[1], f[0], f[2], rest(3)})
	default:
		return fmt.Errorf("%q is no line of a sequence", text)
	}
	return nil
}

func (s *sequence) place(id string) (float64, error) {
	at := slices.IndexFunc(s.lanes, func(l lane) bool { return l.id == id })
	if at < 0 {
		return 0, fmt.Errorf("there is no lane %q", id)
	}
	each := width / float64(len(s.lanes))
	return each * (float64(at) + .5), nil
}

func (s *sequence) finish(c *canvas) error {
	each := width / float64(len(s.lanes))
	top := 8.0
	if len(s.bands) > 0 {
		top = 30
	}
	for _, l := range s.lanes {
		x, _ := s.place(l.id)
		c.rect(&c.front, x-each/2+4, top, each-8, 28, "box strong")
		if err := c.say(x, top+18.5, "middle", "name", l.title); err != nil {
			return err
		}
	}
	y, number := top+28+14, 0
	for _, st := range s.steps {
		lines := strings.Split(st.text, "|")
		switch st.kind {
		case "rule":
			y += 10
			c.arrow([]point{{8, y + 4}, {width - 8, y + 4}}, "plain")
			if err := c.say(14, y+8, "start", "rule", st.text); err != nil {
				return err
			}
			y += 20
			continue
		case "at":
			x, err := s.place(st.from)
			if err != nil {
				return err
			}
			if y, err = words(c, x, y, lines, "note"); err != nil {
				return err
			}
			y += 8
			continue
		}
		from, err := s.place(st.from)
		if err != nil {
			return err
		}
		to, err := s.place(st.to)
		if err != nil {
			return err
		}
		number++
		lines[0] = fmt.Sprintf("%d. %s", number, lines[0])
		if y, err = words(c, (from+to)/2, y, lines, "step"); err != nil {
			return err
		}
		class := ""
		if st.kind == ".>" {
			class = "dashed"
		}
		c.arrow([]point{{from, y}, {to, y}}, class)
		y += 9
	}
	c.height = y + 4
	for _, l := range s.lanes {
		x, _ := s.place(l.id)
		fmt.Fprintf(&c.behind, `<path class="life" d="M%s %sL%s %s"/>`+"\n", n(x), n(top+28), n(x), n(c.height-6))
	}
	for _, b := range s.bands {
		from, err := s.place(b.id)
		if err != nil {
			return err
		}
		to, err := s.place(b.to)
		if err != nil {
			return err
		}
		// In front of everything that lies behind.
		lives := slices.Clone(c.behind.Bytes())
		c.behind.Reset()
		c.rect(&c.behind, from-each/2+1, 6, to-from+each-2, c.height-10, "group")
		c.behind.Write(lives)
		if err := c.say(from-each/2+8, 21, "start", "label", b.title); err != nil {
			return err
		}
	}
	return nil
}

// words writes lines about x, moved to where there is room, and returns where the next thing goes.
func words(c *canvas, x, y float64, lines []string, class string) (float64, error) {
	for _, l := range lines {
		half := wide(l) / 2
		at := min(max(x, half+3), width-half-3)
		if err := c.say(at, y+10, "middle", class, l); err != nil {
			return 0, err
		}
		y += leading
	}
	return y + 2, nil
}
